import { ENGINE } from '../../shared/domain/actor.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import type { BotNote } from '../../shared/domain/botNote.ts';
import type { BotReason } from '../../shared/domain/botReason.ts';
import { because, type Cause } from '../../shared/domain/cause.ts';
import { dec, ZERO } from '../../shared/domain/decimal.ts';
import type { Position } from '../../shared/domain/position.ts';
import type { DeskFrame, FrameKind } from '../../shared/protocol/frames.ts';
import type { OpArgs } from '../../shared/protocol/ops.ts';
import type { DeskJoin } from '../../shared/protocol/serverMessage.ts';
import { hashView } from '../../shared/view/hashView.ts';
import { reduceView } from '../../shared/view/reduceView.ts';
import { emptyView, positionKey, type View } from '../../shared/view/view.ts';
import { accountOf, fillOf, limitsOf, positionOf, stopOrderOf, tradeOf } from './fixtureData.ts';

type FrameDataOf<K extends FrameKind> = Extract<DeskFrame, { kind: K }>['data'];

/** A desk whose story the test tells, step by step; every frame is numbered and folded as the real one's are. */
export class FixtureDesk {
  readonly view: View = emptyView();
  readonly frames: DeskFrame[] = [];
  readonly epoch = 'fixture';
  /** Why previews of an emergency stop list what is in our books. */
  unread: Cause = because('unreachable', {});
  /** Why the next start of all bots leaves some out. */
  notStarted: Record<string, BotReason> = {};
  /** Called with every new frame. */
  onFrame: (frame: DeskFrame) => void = () => {};

  get seq(): number {
    return this.frames.length;
  }

  emit<K extends FrameKind>(kind: K, data: FrameDataOf<K>): void {
    const frame = {
      ch: 'desk',
      epoch: this.epoch,
      seq: this.seq + 1,
      kind,
      ts: Date.now(),
      by: ENGINE,
      cause: 'fixture',
      data: structuredClone(data),
    } as DeskFrame;
    this.frames.push(frame);
    reduceView(this.view, frame);
    this.onFrame(frame);
  }

  join(since: { epoch: string; seq: number } | undefined): DeskJoin {
    const at = { epoch: this.epoch, seq: this.seq };
    if (since?.epoch === this.epoch && since.seq <= this.seq)
      return { at, recovered: true, frames: this.frames.slice(since.seq) };
    const snapshot = structuredClone(this.view);
    return { at, recovered: false, snapshot, hash: hashView(this.epoch, this.seq, snapshot) };
  }

  bot(botId: string): Bot {
    const found = this.view.bots[botId];
    if (found === undefined) throw new Error(`no bot ${botId}`);
    return found;
  }

  openAccount(name: string): string {
    const accountId = `acc${Object.keys(this.view.accounts).length + 1}`;
    const account = accountOf(accountId, name, Date.now());
    this.emit('AccountChanged', { account: { ...account, status: 'connecting' } });
    this.emit('AccountChanged', { account });
    this.emit('LimitChanged', { limits: limitsOf(accountId, Date.now()) });
    return accountId;
  }

  createBot(config: OpArgs<'bots.create'>): string {
    const now = Date.now();
    const botId = `bot${Object.keys(this.view.bots).length + 1}`;
    this.emit('BotCreated', {
      bot: {
        ...config,
        botId,
        venue: 'sim',
        state: 'stopped',
        closing: false,
        reason: null,
        version: 1,
        changedBy: { deviceId: null, action: 'create', at: now },
        note: null,
        lastBarTime: null,
        plan: null,
        cooldownUntil: null,
        stats: { trades: 0, wins: 0, realisedPnl: ZERO, fees: ZERO, funding: ZERO },
        createdAt: now + Object.keys(this.view.bots).length,
        startedAt: null,
      },
    });
    return botId;
  }

  /** `by`: whose device changed it, and how. */
  setState(
    botId: string,
    state: Bot['state'],
    reason: BotReason | null = null,
    by?: { deviceId: string | null; action: string },
  ): void {
    const bot = this.bot(botId);
    const changedBy = by === undefined ? bot.changedBy : { ...by, at: Date.now() };
    this.emit('BotStateChanged', {
      bot: { ...bot, state, reason, changedBy, closing: state === 'stopping', version: bot.version + 1 },
    });
  }

  note(botId: string, note: BotNote): void {
    this.emit('BotNote', { bot: { ...this.bot(botId), note: { ...note, ts: Date.now() } } });
  }

  /** An entry: its fill, the position with the stop attached, then the stop resting. */
  enter(botId: string, size: string): Position {
    const position = positionOf(this.bot(botId), size, Date.now());
    this.emit('FillRecorded', { fill: fillOf(position, 'buy', 'order', Date.now()) });
    this.emit('PositionChanged', { position, trade: null });
    const stop = position.stop && {
      ...position.stop,
      state: 'resting' as const,
      orderId: `stop-${position.symbol}`,
    };
    const protectedPosition = { ...position, stop };
    this.emit('OrderAccepted', { order: stopOrderOf(position, Date.now()) });
    this.emit('StopPlaced', { position: protectedPosition });
    return protectedPosition;
  }

  /** The position goes flat, by its stop or otherwise. */
  exit(botId: string, by: 'stop' | 'bot_stop' | 'signal'): void {
    const bot = this.bot(botId);
    const position = this.view.positions[positionKey(bot.accountId, bot.symbol)];
    if (position === undefined) return;
    if (by === 'stop')
      this.emit('StopTriggered', {
        position: { ...position, stop: position.stop && { ...position.stop, state: 'triggered' } },
      });
    const trade = tradeOf(position, by, Date.now());
    const source = by === 'stop' ? 'stop' : 'order';
    this.emit('FillRecorded', { fill: fillOf(position, 'sell', source, Date.now(), trade.realisedPnl) });
    this.emit('PositionChanged', { position: { ...position, size: ZERO, cost: ZERO, stop: null }, trade });
    const order = this.view.orders[`stop-${bot.symbol}`];
    if (order !== undefined)
      this.emit('OrderCancelled', { order: { ...order, status: by === 'stop' ? 'filled' : 'cancelled' } });
    const { stats } = this.bot(botId);
    const won = !trade.netPnl.startsWith('-');
    this.emit('BotUpdated', {
      bot: {
        ...this.bot(botId),
        stats: {
          ...stats,
          trades: stats.trades + 1,
          wins: stats.wins + (won ? 1 : 0),
          realisedPnl: trade.realisedPnl,
          fees: trade.fees,
          funding: dec('0'),
        },
      },
    });
  }
}
