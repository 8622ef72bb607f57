import type { Quote } from '../../shared/domain/market.ts';
import type { BotLogLine, Push } from '../../shared/protocol/serverMessage.ts';
import type { Context } from '../core/context.ts';
import { valuate } from '../core/risk/valuation.ts';
import { needsWatching } from '../core/watch/watch.ts';
import type { AccountDirectory } from '../ports/accountDirectory.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import type { Logger } from '../ports/logger.ts';
import type { VenuePush } from '../ports/venue.ts';
import { accountsToRead } from './accountsToRead.ts';
import type { BarHub } from './barHub/barHub.ts';
import type { HubBar } from './barHub/hubBar.ts';
import type { BotBars } from './botBars.ts';
import type { BoundedVenue } from './boundedVenue.ts';
import { within } from './deadline.ts';
import { addLogLine, type DeskRecord } from './deskRecord.ts';
import type { EffectRunner } from './effectRunner.ts';
import type { Engine } from './engine.ts';

/** Between looks at what time alone brings on, wall ms. */
export const TICK_EVERY_MS = 1_000;
/** Between valuations pushed to devices, wall ms. */
export const PNL_EVERY_MS = 250;
/** What is done for every desk is done for a part of them at a time: a fill waits for none but those. */
const PARTS = 10;
/** Between heads, wall ms: how late a lost last event is noticed at most. */
export const HEADS_EVERY_MS = 1_000;

/** Desks that are being read from the log at a time: the database answers one while another is folded. */
const LOADS_AT_ONCE = 4;

/** Between removals of old answers to commands, and how long an answer is kept, wall ms. */
const PRUNE_EVERY_MS = 3_600_000;
export const KEEP_COMMANDS_MS = 2 * 86_400_000;

/** How late a new account is in the directory, and what was done past us is noticed, at most, wall ms. */
const DIRECTORY_EVERY_MS = 1_000;
const PANICS_EVERY_MS = 5_000;
/** How long the directory may take to be written, ms of elapsed time: a disk that hangs is said to. */
const DIRECTORY_SAVE_MS = 10_000;

export interface DeskServiceOptions {
  engine: Engine;
  effects: EffectRunner;
  bars: BotBars;
  context: Context;
  log: DeskLog;
  hub: BarHub;
  venues: ReadonlyMap<string, BoundedVenue>;
  publisher: EventPublisher;
  clock: Clock;
  logger: Logger;
  epoch: string;
  reconcileEveryMs: number;
  /** Where the accounts are written down for who must act without the database; null: nowhere. */
  directory: AccountDirectory | null;
}

/** Feeds the engine: market data, venue pushes and the passing of time become inputs; what is ephemeral goes out. */
export class DeskService {
  readonly #options: DeskServiceOptions;
  readonly #cancels = new Map<string, () => void>();
  readonly #lastPnl = new Map<string, string>();
  /** The state of the accounts that is written down. */
  #savedAccounts = -1;
  /** Comparisons of accounts with their venues so far. */
  #round = 0;
  #stopped = false;

  constructor(options: DeskServiceOptions) {
    this.#options = options;
    options.hub.onBarClosed((bar) => this.#onBar(bar));
    options.hub.onQuote((quote) => this.#onQuote(quote));
  }

  /** Loads every desk and lets each ask its venues what is true. */
  async recover(deskIds: readonly string[], restoredAt: number | null): Promise<void> {
    const { engine, clock } = this.#options;
    const waiting = deskIds.values();
    const recoverNext = async (): Promise<void> => {
      // One iterator for all: each desk is taken by one of them.
      for (const deskId of waiting) {
        const { lastEventAt, panics } = await engine.load(deskId);
        // Of the future: the clock was set back since, by at least as much as it is off.
        const downMs = lastEventAt === null ? 0 : Math.abs(clock.now() - lastEventAt);
        // Restored from a backup since: what the venue did in between is not in the log.
        const isRestored = restoredAt !== null && lastEventAt !== null && lastEventAt < restoredAt;
        const latch = isRestored ? 'restored from a backup: look first, then release' : null;
        engine.recover(deskId, panics, { downMs, latch });
      }
    };
    await Promise.all(Array.from({ length: LOADS_AT_ONCE }, recoverNext));
  }

  /** Pushes of venues, and everything that recurs. */
  async start(): Promise<void> {
    for (const venue of this.#options.venues.values()) await venue.start((push) => this.onPush(push));
    this.#everyInParts('tick', TICK_EVERY_MS, (records) => this.#tick(records));
    this.#everyInParts('pnl', PNL_EVERY_MS, (records) => this.#publishPnl(records));
    this.#every('heads', HEADS_EVERY_MS, () => this.#publishHeads());
    this.#every('prune', PRUNE_EVERY_MS, () => void this.#pruneCommands());
    this.#every('reconcile', this.#options.reconcileEveryMs, () => this.#reconcileAll());
    this.#every('directory', DIRECTORY_EVERY_MS, () => void this.#saveDirectory());
    this.#every('panics', PANICS_EVERY_MS, () => void this.#lookForPanics());
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels.values()) cancel();
  }

  /** One look at every desk that has something to look after. */
  tick(): void {
    this.#tick(this.#options.engine.records());
  }

  #tick(records: Iterable<DeskRecord>): void {
    const { engine } = this.#options;
    for (const record of records) {
      if (record.state === 'ready') this.#options.bars.release(record.deskId, record.desk);
      if (this.#needsTick(record)) engine.submit(record.deskId, { type: 'Tick' });
      if (record.state === 'stuck') engine.submit(record.deskId, { type: 'StuckTick' });
    }
  }

  #needsTick({ state, desk }: DeskRecord): boolean {
    try {
      // What protects and reduces goes on while it waits for its recovery.
      return state === 'stuck' || (state === 'ready' && needsWatching(desk, this.#options.context));
    } catch {
      // What is wrong with this one shows when it decides, and holds up no other.
      return true;
    }
  }

  /** A line of a bot's log: kept for who looks later, pushed to who looks now. */
  say(deskId: string, botId: string, code: string, text: string): void {
    const record = this.#options.engine.record(deskId);
    if (record === undefined) return;
    const line: BotLogLine = { ts: this.#options.clock.now(), botId, code, text };
    addLogLine(record, line);
    this.#notify(deskId, { ch: `log:${botId}`, kind: 'line', ts: line.ts, data: line });
  }

  #every(name: string, delayMs: number, run: () => void): void {
    const again = (): void => {
      if (this.#stopped) return;
      run();
      this.#cancels.set(name, this.#options.clock.after(delayMs, again));
    };
    this.#cancels.set(name, this.#options.clock.after(delayMs, again));
  }

  /** All desks within `periodMs`, each at its own time in it. */
  #everyInParts(name: string, periodMs: number, run: (records: Iterable<DeskRecord>) => void): void {
    let part = 0;
    this.#every(name, periodMs / PARTS, () => {
      const records = [...this.#options.engine.records()];
      const chosen = part;
      part = (part + 1) % PARTS;
      run(records.filter((_, index) => index % PARTS === chosen));
    });
  }

  #onBar(bar: HubBar): void {
    const { engine } = this.#options;
    const { venue, symbol, interval } = bar;
    const { openTime } = bar.candle;
    for (const deskId of engine.index.desksOfBar(venue, symbol, interval)) {
      engine.submit(deskId, { type: 'BarArrived', venue, symbol, interval, openTime });
    }
  }

  #onQuote(quote: Quote): void {
    const { engine } = this.#options;
    const { venue, symbol } = quote;
    for (const deskId of engine.index.desksOfPrice(venue, symbol)) {
      engine.submit(deskId, { type: 'PriceMoved', venue, symbol });
    }
  }

  /** What a venue tells of an account, to the desk that it belongs to. */
  onPush(push: VenuePush): void {
    const { engine, clock } = this.#options;
    if (push.type === 'interrupted' || push.type === 'restored') {
      this.#onStream(push);
      return;
    }
    const deskId = engine.index.deskOfAccount(push.accountId);
    if (deskId === undefined) return;
    const { accountId } = push;
    if (push.type === 'fill') {
      engine.submit(deskId, { type: 'VenueFillSeen', accountId, fill: push.fill, ingestedAt: clock.now() });
    } else if (push.type === 'order')
      engine.submit(deskId, { type: 'VenueOrderSeen', accountId, order: push.order });
    else if (push.type === 'bill')
      engine.submit(deskId, { type: 'VenueBillSeen', accountId, bill: push.bill });
  }

  #onStream(push: Extract<VenuePush, { type: 'interrupted' | 'restored' }>): void {
    const { engine } = this.#options;
    const named = push.type === 'interrupted' && push.accountIds !== 'all' ? push.accountIds : undefined;
    const reason = push.type === 'interrupted' ? push.reason : 'the stream of the venue is back; comparing';
    for (const [accountId, deskId] of engine.index.accounts()) {
      if (named === undefined || named.includes(accountId)) {
        engine.submit(deskId, { type: 'StreamInterrupted', accountId, reason });
      }
    }
  }

  /** A push may be lost without a word: what is active is compared from time to time. */
  #reconcileAll(): void {
    const { engine, effects } = this.#options;
    // One that waits for its recovery too: it may be long.
    const served = [...engine.records()].filter(({ state }) => state === 'ready' || state === 'stuck');
    const desks = served.map(({ desk }) => desk);
    for (const { deskId, state } of accountsToRead(desks, this.#round++)) {
      const { accountId, venue } = state.account;
      effects.run(deskId, { type: 'ReadAccount', accountId, venue, cursor: state.cursor });
    }
  }

  /** Answers to commands are kept for repeats, not for ever. */
  async #pruneCommands(): Promise<void> {
    const { log, clock, logger } = this.#options;
    try {
      await log.pruneCommands?.(clock.now() - KEEP_COMMANDS_MS);
    } catch (error) {
      logger.warn({ error: String(error) }, 'old answers to commands could not be pruned');
    }
  }

  async #saveDirectory(): Promise<void> {
    const { engine, directory, logger, clock } = this.#options;
    const { accountsVersion } = engine.index;
    if (directory === null || accountsVersion === this.#savedAccounts) return;
    const entries = [...engine.records()].flatMap(({ deskId, desk }) =>
      [...desk.accounts.values()].map(({ account: { accountId, name, venue, book } }) => {
        return { accountId, name, deskId, venue, book };
      }),
    );
    try {
      // Tried again with the next change only: a full disk must not fill the log as well.
      this.#savedAccounts = accountsVersion;
      await within(clock, DIRECTORY_SAVE_MS, 'the directory of accounts', directory.save(entries));
    } catch (error) {
      logger.error({ error: String(error) }, 'the accounts could not be written down for npm run panic');
    }
  }

  /** Somebody may panic beside a server that lives. */
  async #lookForPanics(): Promise<void> {
    const { engine } = this.#options;
    const desks = new Map(engine.index.accounts());
    for (const panic of await engine.panics.pending(desks.keys())) {
      const deskId = desks.get(panic.record.accountId);
      if (deskId !== undefined) engine.panics.take(deskId, [panic]);
    }
  }

  #publishPnl(records: Iterable<DeskRecord>): void {
    for (const record of records) {
      // While it is read back its desk may hold what was never stored.
      if (record.state !== 'ready') continue;
      if (record.desk.positions.size > 0 || this.#lastPnl.has(record.deskId)) this.#publishPnlOf(record);
    }
  }

  #publishPnlOf(record: DeskRecord): void {
    const { context, clock } = this.#options;
    const valuations = [...record.desk.accounts.values()]
      .map((state) => valuate(record.desk, state, context))
      .filter((valuation) => valuation !== undefined);
    const key = valuations.map((v) => `${v.accountId}${v.equity}${v.marginUsed}`).join();
    if (this.#lastPnl.get(record.deskId) === key) return;
    // The value after the last position closed goes out once more, then the desk is left alone.
    if (record.desk.positions.size > 0) this.#lastPnl.set(record.deskId, key);
    else this.#lastPnl.delete(record.deskId);
    this.#notify(record.deskId, { ch: 'pnl', kind: 'pnl', ts: clock.now(), data: valuations });
  }

  #publishHeads(): void {
    const heads: Record<string, number> = {};
    for (const record of this.#options.engine.records()) heads[record.deskId] = record.committedSeq;
    this.#options.publisher.publish({ type: 'heads', epoch: this.#options.epoch, heads });
  }

  #notify(deskId: string, push: Push): void {
    this.#options.publisher.publish({
      type: 'notice',
      deskId,
      channel: push.ch,
      payload: JSON.stringify(push),
    });
  }
}
