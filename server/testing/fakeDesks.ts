import type { Valuation } from '../../shared/domain/account.ts';
import { ENGINE } from '../../shared/domain/actor.ts';
import type { BotLogLine } from '../../shared/domain/botNote.ts';
import { type WireError, wireError } from '../../shared/protocol/errors.ts';
import type { DeskFrame, FrameKind } from '../../shared/protocol/frames.ts';
import type { OpArgs, OpResult } from '../../shared/protocol/ops.ts';
import { reduceView } from '../../shared/view/reduceView.ts';
import { emptyView, type View } from '../../shared/view/view.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  AccountKeys,
  AdminDesks,
  AdminEnvelope,
  CommandEnvelope,
  CommandReply,
  DeskCommands,
  DeskHistory,
  DeskQueries,
} from '../ports/deskGateway.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import { sampleAccount, sampleBot } from './deskSamples.ts';
import { sampleError } from './sampleError.ts';

type FrameOf<K extends FrameKind> = Extract<DeskFrame, { kind: K }>;

/** What commands answer beside that they were taken. */
const MADE: Partial<Record<CommandEnvelope['op'], object>> = {
  'accounts.create': { accountId: 'account-2' },
  'accounts.update': { version: 2 },
  'bots.clone': { botId: 'bot-2' },
  'bots.startAll': { botIds: [], refusals: {} },
  'bots.stopAll': { botIds: [] },
  'bots.update': { version: 2 },
  'emergency.stop': { emergencyId: 'emergency-1' },
  'limits.set': { version: 2 },
  'orders.submit': { orderId: 'order-1' },
  'positions.reduce': { closes: false },
};

/**
 * Desks in memory behind the ports that the gateway uses: a log of frames per desk, commands that change bots, and a
 * publisher that may be told to lose messages.
 */
export class FakeDesks implements DeskCommands, DeskQueries, DeskHistory {
  logEpoch = 'epoch-1';
  /** While true the log cannot be read. */
  isLogDown = false;
  /** True for what the bus loses. */
  loses: (frame: DeskFrame) => boolean = () => false;
  /** What `framesAfter` waits for, per call. */
  delay: () => Promise<void> = () => Promise.resolve();
  /** What administrators asked for. */
  readonly administered: AdminEnvelope[] = [];
  readonly admin: AdminDesks = {
    execute: async (request) => {
      this.administered.push(request);
      return { ok: true, result: { status: 'accepted', seq: 1, users: [] } };
    },
  };
  /** Keys are nowhere kept: of a request that sets some the account alone is remembered. */
  readonly keys: AccountKeys = {
    set: (deskId, { args: { accountId }, ...envelope }) =>
      this.execute(deskId, { ...envelope, op: 'accounts.removeKeys', args: { accountId } }),
    remove: (deskId, command) => this.execute(deskId, command),
  };
  readonly opened = new Set<string>();
  /** Of whom it was said that a device is connected, each time. */
  readonly attended: string[] = [];
  /** What is waited for until a desk is there. */
  waking: () => Promise<void> = () => Promise.resolve();
  readonly executed: CommandEnvelope[] = [];
  readonly logLines = new Map<string, BotLogLine[]>();
  readonly valuationsOf = new Map<string, Valuation[]>();
  readonly #logs = new Map<string, DeskFrame[]>();
  readonly #answers = new Map<string, { args: string; reply: CommandReply }>();
  readonly #bus: EventPublisher;
  readonly #clock: Clock;

  constructor(bus: EventPublisher, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /** Adds one frame to the log and publishes it. */
  append<K extends FrameKind>(deskId: string, kind: K, data: FrameOf<K>['data']): number {
    const log = this.#log(deskId);
    const seq = log.length + 1;
    const ts = this.#clock.now();
    // One of the union by construction; TypeScript cannot see that kind and data belong together.
    const frame = {
      ch: 'desk',
      epoch: this.logEpoch,
      seq,
      kind,
      ts,
      by: ENGINE,
      cause: 'test',
      data,
    } as DeskFrame;
    log.push(frame);
    if (this.loses(frame)) return seq;
    this.#bus.publish({ type: 'frames', deskId, frames: [frame], times: { committedAt: ts } });
    return seq;
  }

  publishHeads(): void {
    const heads = Object.fromEntries([...this.#logs].map(([deskId, log]) => [deskId, log.length]));
    this.#bus.publish({ type: 'heads', epoch: this.logEpoch, heads });
  }

  head(deskId: string): number {
    return this.#log(deskId).length;
  }

  frames(deskId: string): readonly DeskFrame[] {
    return this.#log(deskId);
  }

  /** The view at `seq`, folded from nothing. */
  viewAt(deskId: string, seq: number): View {
    const view = emptyView();
    for (const frame of structuredClone(this.#log(deskId).slice(0, seq))) reduceView(view, frame);
    return view;
  }

  attend(deskId: string): Promise<void> {
    this.attended.push(deskId);
    return this.waking();
  }

  async open(deskId: string): Promise<void> {
    if (this.opened.has(deskId)) return;
    this.opened.add(deskId);
    this.append(deskId, 'AccountChanged', { account: sampleAccount(`account-${deskId}`) });
  }

  async execute(deskId: string, command: CommandEnvelope): Promise<CommandReply> {
    const key = `${deskId}/${command.commandId}`;
    const args = JSON.stringify([command.op, command.args]);
    const known = this.#answers.get(key);
    if (known !== undefined) {
      const error = sampleError('command_id_reused', 'this id was used with other arguments');
      return known.args === args ? known.reply : { ok: false, error };
    }
    this.executed.push(command);
    const reply = this.#carryOut(deskId, command);
    this.#answers.set(key, { args, reply });
    return reply;
  }

  async query(
    deskId: string,
    _op: 'account.get',
    args: OpArgs<'account.get'>,
  ): Promise<OpResult<'account.get'> | WireError> {
    const account = this.viewAt(deskId, this.head(deskId)).accounts[args.accountId];
    if (account === undefined) return sampleError('not_found', 'no such account');
    return { account, valuation: null, positions: [], asOf: this.#clock.now() };
  }

  async accountTest(): Promise<OpResult<'accounts.test'>> {
    return { rows: [{ check: 'balance', outcome: 'ok', code: 'balance_empty', figures: {} }] };
  }

  async previewOrder(): Promise<WireError> {
    return sampleError('denied', 'too large');
  }

  async previewEmergency(): Promise<OpResult<'emergency.stop'>> {
    return { status: 'preview', positions: [], orders: 0 };
  }

  strategies(): OpResult<'strategies.list'> {
    return { strategies: [] };
  }

  venues(): OpResult<'venues.list'> {
    return { venues: [{ venue: 'sim', name: 'Simulated', book: 'simulated', simulated: true, speed: 1 }] };
  }

  valuations(deskId: string): Valuation[] {
    return this.valuationsOf.get(deskId) ?? [];
  }

  botLog(deskId: string, botId: string): BotLogLine[] {
    return this.logLines.get(`${deskId}/${botId}`) ?? [];
  }

  async epoch(): Promise<string> {
    this.#mustBeUp();
    return this.logEpoch;
  }

  async heads(deskIds: string[]): Promise<Map<string, number>> {
    this.#mustBeUp();
    return new Map(deskIds.map((deskId) => [deskId, this.head(deskId)]));
  }

  async framesAfter(deskId: string, after: number, limit: number): Promise<DeskFrame[]> {
    this.#mustBeUp();
    const frames = this.#log(deskId).slice(after, after + limit);
    await this.delay();
    // A restored log has another epoch with all of its frames.
    return structuredClone(frames).map((frame) => ({ ...frame, epoch: this.logEpoch }));
  }

  async baseView(deskId: string): Promise<{ seq: number; view: View }> {
    this.#mustBeUp();
    // As with stored snapshots: behind the head.
    const seq = Math.floor(this.head(deskId) / 2);
    return { seq, view: this.viewAt(deskId, seq) };
  }

  #carryOut(deskId: string, command: CommandEnvelope): CommandReply {
    if (command.validUntil !== null && command.receivedAt > command.validUntil) {
      return { ok: false, error: sampleError('expired', 'the command came too late') };
    }
    const accepted = (seq: number, rest: object): CommandReply => ({
      ok: true,
      result: { status: 'accepted', seq, ...rest },
    });
    if (command.op === 'bots.create') {
      const { name } = command.args as OpArgs<'bots.create'>;
      const botId = `bot-${this.head(deskId) + 1}`;
      return accepted(this.append(deskId, 'BotCreated', { bot: sampleBot({ botId, name }) }), { botId });
    }
    if (command.op !== 'bots.start' && command.op !== 'bots.stop')
      return accepted(this.append(deskId, 'Internal', {}), MADE[command.op] ?? {});
    const { botId } = command.args as OpArgs<'bots.start'>;
    const bot = this.viewAt(deskId, this.head(deskId)).bots[botId];
    if (bot === undefined) return { ok: false, error: sampleError('not_found', `you have no bot ${botId}`) };
    if (command.expectedVersion !== null && command.expectedVersion !== bot.version) {
      return {
        ok: false,
        error: wireError('version_conflict', 'somebody was faster', {
          expected: command.expectedVersion,
          actual: bot.version,
          changedBy: bot.changedBy,
        }),
      };
    }
    const changedBy = { deviceId: command.actor.deviceId, action: command.op, at: this.#clock.now() };
    const state = command.op === 'bots.start' ? 'running' : 'stopped';
    const changed = { ...bot, state, version: bot.version + 1, changedBy } as const;
    return accepted(this.append(deskId, 'BotStateChanged', { bot: changed }), {});
  }

  #log(deskId: string): DeskFrame[] {
    let log = this.#logs.get(deskId);
    if (log === undefined) {
      log = [];
      this.#logs.set(deskId, log);
    }
    return log;
  }

  #mustBeUp(): void {
    if (this.isLogDown) throw new Error('the log cannot be reached');
  }
}
