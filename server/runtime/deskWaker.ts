import { unavailable } from '../../shared/protocol/errors.ts';
import type { Context } from '../core/context.ts';
import type { Input } from '../core/inputs.ts';
import { isAtRest } from '../core/watch/atRest.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Logger } from '../ports/logger.ts';
import { Comparing } from './comparing.ts';
import { NoAnswer, within } from './deadline.ts';
import { accountsText, type DeskRecord, type Queued } from './deskRecord.ts';
import type { Engine } from './engine.ts';
import { absenceOf } from './recoverDesks.ts';
import { notServed } from './replyTo.ts';
import { awayReply, StoreAway, type StoreHealth } from './storeHealth.ts';

/** Desks that are being read from the log at a time: the database answers one while another is folded. */
const LOADS_AT_ONCE = 4;
/** Desks that wait to be brought in; one more is refused, unless something urgent is asked of it. */
export const WAKING_LIMIT = 10_000;
/** How long a command waits for its desk to be brought in and its accounts to be read, ms of elapsed time. */
export const WAKE_PATIENCE_MS = 5_000;

/** The desk cannot be brought in now; it may be asked for again. */
export class DeskAsleep extends Error {
  override name = 'DeskAsleep';
}

/** What a venue tells of an account, or somebody did there: not to be missed by a desk that is not in memory. */
const WAKES: ReadonlySet<string> = new Set<Input['type']>([
  'VenueOrderSeen',
  'VenueFillSeen',
  'VenueBillSeen',
  'StreamInterrupted',
]);

export interface DeskWakerOptions {
  engine: Engine;
  log: DeskLog;
  context: Context;
  health: StoreHealth;
  clock: Clock;
  logger: Logger;
  /** Resolves when every desk that is to be awake is back: the others come after them. */
  recovered: Promise<void>;
}

/** Brings desks that are not in memory back into it: each once, however many ask for it. */
export class DeskWaker {
  readonly #options: DeskWakerOptions;
  readonly #waking = new Map<string, Promise<DeskRecord>>();
  /** Whoever waits to be read, by desk. */
  readonly #queue = new Map<string, () => void>();
  /** Of whom something urgent is asked: they are read before the others. */
  readonly #urgent = new Set<string>();
  readonly #comparing = new Comparing();
  #loading = 0;

  constructor(options: DeskWakerOptions) {
    this.#options = options;
  }

  /** Whether somebody waits for it. */
  isWaking(deskId: string): boolean {
    return this.#waking.has(deskId) || this.#comparing.has(deskId);
  }

  /**
   * The desk in memory, with what nights brought on made up for and stored. Rejects with StoreAway, and with DeskAsleep
   * when too many wait already, unless it `isUrgent`.
   */
  wake(deskId: string, isUrgent = false): Promise<DeskRecord> {
    const { engine, clock } = this.#options;
    const waking = this.#waking.get(deskId);
    if (isUrgent && (waking !== undefined || engine.record(deskId) === undefined)) this.#urgent.add(deskId);
    if (waking !== undefined) return waking;
    const record = engine.record(deskId);
    if (record !== undefined) {
      record.usedAt = clock.elapsed();
      return Promise.resolve(record);
    }
    if (this.#waking.size >= WAKING_LIMIT && !isUrgent)
      return Promise.reject(new DeskAsleep('too many desks are being read at once; try again'));
    const woken = this.#bringIn(deskId).finally(() => {
      this.#waking.delete(deskId);
      this.#urgent.delete(deskId);
    });
    this.#waking.set(deskId, woken);
    return woken;
  }

  /**
   * Resolves when the desk is in memory and, unless it `isUrgent`, its accounts were read since: nothing is added on what may
   * have changed while it was asleep. Rejects as `wake`, and with DeskAsleep when it takes too long.
   */
  async ready(deskId: string, isUrgent: boolean): Promise<void> {
    const { engine, clock } = this.#options;
    const work = this.wake(deskId, isUrgent).then(() =>
      isUrgent ? undefined : this.#comparing.done(deskId),
    );
    if (engine.record(deskId) !== undefined && !this.isWaking(deskId)) return await work;
    try {
      await within(clock, WAKE_PATIENCE_MS, 'the desk', work);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw new DeskAsleep('the desk is being read and compared with its venues; try again');
    }
  }

  /** An input for a desk that is not in memory. */
  arrived({ deskId, input, command }: Queued): void {
    const { engine, health, logger } = this.#options;
    if (command === null && !WAKES.has(input.type)) return;
    this.wake(deskId, command?.isExit === true).then(
      // Whoever only wakes it is answered by what its venue has.
      () => command !== null && engine.submit(deskId, input, command),
      (error: unknown) => {
        const { degradation } = health;
        logger.warn({ deskId, input: input.type, error: String(error) }, 'a desk could not be woken');
        command?.answer(
          degradation === null ? { ok: false, error: notServed(undefined) } : awayReply(degradation),
        );
      },
    );
  }

  /** Its account was read, or cannot be; null: all of them are asked for anew. */
  compared(deskId: string, accountId: string | null): void {
    if (accountId === null) this.#comparing.end(deskId);
    else this.#comparing.read(deskId, accountId);
  }

  async #bringIn(deskId: string): Promise<DeskRecord> {
    const { engine, log, context, health, clock, recovered } = this.#options;
    await recovered;
    // The start may have brought it back meanwhile.
    const known = engine.record(deskId);
    if (known !== undefined) return known;
    await this.#turn(deskId);
    const reading = Promise.all([engine.read(deskId), log.restoredAt()]);
    const [loaded, restoredAt] = await health.unlessAway(reading).finally(() => this.#next());
    // No question to the store: that it takes long says nothing of the store.
    const panics = await engine.panics.pending(loaded.desk.accounts.keys());
    if (health.degradation !== null) throw new StoreAway('the database is away');
    const record = engine.admit(loaded);
    const { desk } = record;
    const how = absenceOf(loaded.lastEventAt, restoredAt, clock.now());
    if (how.latch !== null || !isAtRest(desk)) {
      engine.recover(deskId, panics, how);
      return record;
    }
    // It is asleep by an append that stored them.
    record.storedAccounts = accountsText(desk);
    engine.panics.take(deskId, panics);
    const asked = [...desk.accounts.values()].filter(
      ({ account }) => context.venue(account.venue) !== undefined,
    );
    this.#comparing.begin(
      deskId,
      asked.map(({ account }) => account.accountId),
    );
    // Whatever becomes of it: the desk is in memory, and says itself whether it takes what it is asked.
    await new Promise<void>((resolve) => {
      const answer = (): void => resolve();
      engine.submit(deskId, { type: 'Woken' }, { record: null, validUntil: null, isExit: true, answer });
    });
    return record;
  }

  #turn(deskId: string): Promise<void> {
    if (this.#loading >= LOADS_AT_ONCE) return new Promise((resolve) => this.#queue.set(deskId, resolve));
    this.#loading += 1;
    return Promise.resolve();
  }

  #next(): void {
    const deskId = this.#first();
    const next = this.#queue.get(deskId ?? '');
    if (deskId === undefined || next === undefined) {
      this.#loading -= 1;
      return;
    }
    this.#queue.delete(deskId);
    next();
  }

  #first(): string | undefined {
    // All but the few that are being read wait.
    for (const deskId of this.#urgent) if (this.#queue.has(deskId)) return deskId;
    const [first] = this.#queue.keys();
    return first;
  }
}

/** To a command whose desk could not be brought in. */
export const asleepReply = ({ message }: DeskAsleep) => ({ ok: false, error: unavailable(message) }) as const;
