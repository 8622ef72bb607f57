import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import type { Logger } from '../ports/logger.ts';
import type { PendingPanic } from '../ports/panicJournals.ts';
import type { AccountComparisons } from './accountComparisons.ts';
import type { DeskTicks } from './deskTicks.ts';
import type { DeskWaker } from './deskWaker.ts';
import type { DirectoryWriter } from './directoryWriter.ts';
import type { Engine } from './engine.ts';
import type { IdleDesks } from './idleDesks.ts';
import { Recurring } from './recurring.ts';
import type { SleepingAccounts } from './sleepingAccounts.ts';
import type { ValuationPushes } from './valuationPushes.ts';

/** Between looks at what time alone brings on, wall ms. */
const TICK_EVERY_MS = 1_000;
/** Between valuations pushed to devices, wall ms. */
const PNL_EVERY_MS = 250;
/** Between heads, wall ms: how late a lost last event is noticed at most. */
const HEADS_EVERY_MS = 1_000;
/** Between removals of old answers to commands, and how long an answer is kept, wall ms. */
const PRUNE_EVERY_MS = 3_600_000;
export const KEEP_COMMANDS_MS = 2 * 86_400_000;
/** How late a new account is in the directory, and what was done past us is noticed, at most, wall ms. */
const DIRECTORY_EVERY_MS = 1_000;
const PANICS_EVERY_MS = 5_000;
/** Between looks for desks that may leave memory, and for accounts of those that have, wall ms. */
const IDLE_EVERY_MS = 10_000;
const SLEEPING_EVERY_MS = 1_000;

export interface RoundsOptions {
  engine: Engine;
  ticks: DeskTicks;
  valuations: ValuationPushes;
  comparisons: AccountComparisons;
  /** Between comparisons of accounts with their venues, wall ms. */
  compareEveryMs: number;
  idle: IdleDesks;
  sleeping: SleepingAccounts;
  waker: DeskWaker;
  /** Null: nothing is written down. */
  directory: DirectoryWriter | null;
  log: DeskLog;
  publisher: EventPublisher;
  clock: Clock;
  logger: Logger;
  epoch: string;
}

/** What recurs, for all desks in memory and for the accounts of those that are not. */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #recurring: Recurring;

  constructor(options: RoundsOptions) {
    this.#options = options;
    this.#recurring = new Recurring(options.clock);
  }

  start(): void {
    const { engine, ticks, valuations, comparisons, compareEveryMs, directory, idle, sleeping } =
      this.#options;
    const recurring = this.#recurring;
    const all = () => engine.records();
    recurring.everyInParts('tick', TICK_EVERY_MS, all, (records) => ticks.run(records));
    recurring.everyInParts('pnl', PNL_EVERY_MS, all, (records) => valuations.run(records));
    recurring.every('heads', HEADS_EVERY_MS, () => this.#publishHeads());
    recurring.every('prune', PRUNE_EVERY_MS, () => void this.#pruneCommands());
    recurring.every('compare', compareEveryMs, () => comparisons.run());
    if (directory !== null) recurring.every('directory', DIRECTORY_EVERY_MS, () => void directory.save());
    recurring.every('panics', PANICS_EVERY_MS, () => void this.#lookForPanics());
    recurring.everyInParts('idle', IDLE_EVERY_MS, all, (records) => idle.run(records));
    recurring.every('sleeping', SLEEPING_EVERY_MS, () => sleeping.run());
  }

  stop(): void {
    this.#recurring.stop();
  }

  #publishHeads(): void {
    const { engine, publisher, epoch } = this.#options;
    const heads: Record<string, number> = {};
    for (const record of engine.records()) heads[record.deskId] = record.committedSeq;
    publisher.publish({ type: 'heads', epoch, heads });
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

  /** Somebody may panic beside a server that lives. */
  async #lookForPanics(): Promise<void> {
    const { engine, logger } = this.#options;
    for (const panic of await engine.panics.pending('all')) {
      const { accountId } = panic.record;
      // Each by itself: a desk that cannot be read holds up no other.
      this.#takePanic(panic).catch((error: unknown) => {
        logger.warn(
          { accountId, error: String(error) },
          'a desk that somebody panicked on could not be woken yet',
        );
      });
    }
  }

  async #takePanic(panic: PendingPanic): Promise<void> {
    const { engine, log, waker } = this.#options;
    const { accountId } = panic.record;
    const deskId = engine.index.deskOfAccount(accountId) ?? (await log.deskOfAccount(accountId));
    if (deskId === undefined) return;
    if (engine.record(deskId) !== undefined) engine.panics.take(deskId, [panic]);
    // It takes what is pending of its accounts.
    else await waker.wake(deskId, true);
  }
}
