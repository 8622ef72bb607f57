import { isZero } from '../../shared/domain/decimal.ts';
import type { DirectoryEntry } from '../ports/accountDirectory.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Logger } from '../ports/logger.ts';
import type { DeskWaker } from './deskWaker.ts';
import type { EffectSink } from './effectSink.ts';
import type { Engine } from './engine.ts';
import { ONLY_SHARD } from './leaseKeeper.ts';
import { messageOf } from './messageOf.ts';
import type { StoreHealth } from './storeHealth.ts';

/** Accounts of sleeping desks that are looked at in a second at each venue, one after the other. */
const LOOKS_PER_SECOND = 50;
/** The shortest time between two looks at the same account, ms of elapsed time. */
const ROUND_MS = 120_000;
/** Accounts that a venue told of and whose desk is not found yet; of more than these the next round finds what is open. */
export const TOLD_LIMIT = 10_000;

export interface SleepingAccountsOptions {
  engine: Engine;
  waker: DeskWaker;
  effects: EffectSink;
  log: DeskLog;
  health: StoreHealth;
  clock: Clock;
  logger: Logger;
  venues: Iterable<string>;
}

/** How far the accounts at a venue have been looked at. */
interface Round {
  isLooking: boolean;
  /** The account that was looked at last; '': the next round is to begin. */
  after: string;
  beganAt: number;
  /** The next one is to follow at once. */
  isAnew: boolean;
}

/**
 * Notices what happens on the accounts of desks that are not in memory. Whatever their venue pushes wakes them; and each is
 * listened to and looked at in its turn: one that has anything open is no sleeper's. Each venue has turns of its own: one that
 * does not answer holds up no other.
 */
export class SleepingAccounts {
  readonly #options: SleepingAccountsOptions;
  readonly #told = new Set<string>();
  readonly #rounds = new Map<string, Round>();
  #isFinding = false;

  constructor(options: SleepingAccountsOptions) {
    this.#options = options;
    for (const venue of options.venues)
      this.#rounds.set(venue, {
        isLooking: false,
        after: '',
        beganAt: Number.NEGATIVE_INFINITY,
        isAnew: false,
      });
    options.health.onChange((degradation) => {
      if (degradation === null) this.beginAnew();
    });
  }

  /** A venue told something of an account that no desk in memory has. */
  told(accountId: string): void {
    if (this.#told.size < TOLD_LIMIT) this.#told.add(accountId);
    if (!this.#isFinding) void this.#find();
  }

  /** What was pushed may have been missed: after this round, which is ended in any case, the next follows at once. */
  beginAnew(): void {
    for (const round of this.#rounds.values()) round.isAnew = true;
  }

  /** The next ones in turn. Each second. */
  run(): void {
    for (const [venue, round] of this.#rounds) void this.#goOn(venue, round);
  }

  async #goOn(venue: string, round: Round): Promise<void> {
    const { log, clock, health, logger } = this.#options;
    if (round.isLooking || health.degradation !== null || !isDue(round, clock.elapsed())) return;
    round.isLooking = true;
    try {
      const page = { after: round.after, limit: LOOKS_PER_SECOND, asleepAt: venue };
      const entries = await health.unlessAway(log.accounts(ONLY_SHARD, page));
      for (const entry of entries) await this.#look(entry);
      round.after = entries.length < LOOKS_PER_SECOND ? '' : (entries.at(-1)?.accountId ?? '');
    } catch (error) {
      logger.warn({ venue, error: String(error) }, 'the accounts of sleeping desks could not be looked at');
    } finally {
      round.isLooking = false;
    }
  }

  async #look({ accountId, deskId, venue }: DirectoryEntry): Promise<void> {
    const { engine, effects, logger } = this.#options;
    if (engine.record(deskId) !== undefined) return;
    try {
      const state = await effects.lookAt(venue, accountId);
      const isOpen =
        state !== undefined && (state.orders.length > 0 || state.positions.some(({ size }) => !isZero(size)));
      if (!isOpen) return;
      logger.warn({ deskId, accountId }, 'something is open on an account of a sleeping desk');
      this.#wake(deskId);
    } catch (error) {
      // It is asked again in its turn, and before anything is decided on it.
      logger.debug({ accountId, error: messageOf(error) }, 'an account of a sleeping desk cannot be read');
    }
  }

  async #find(): Promise<void> {
    const { log, health, logger } = this.#options;
    this.#isFinding = true;
    for (const accountId of this.#told) {
      try {
        const deskId = await health.unlessAway(log.deskOfAccount(accountId));
        if (deskId !== undefined) this.#wake(deskId);
      } catch (error) {
        logger.warn({ accountId, error: String(error) }, 'whose account this is cannot be read');
      }
      this.#told.delete(accountId);
    }
    this.#isFinding = false;
  }

  #wake(deskId: string): void {
    const { waker, logger } = this.#options;
    waker.wake(deskId).catch((error: unknown) => {
      logger.warn({ deskId, error: String(error) }, 'a desk could not be woken');
    });
  }
}

function isDue(round: Round, now: number): boolean {
  if (round.after !== '') return true;
  if (!round.isAnew && now - round.beganAt < ROUND_MS) return false;
  round.isAnew = false;
  round.beganAt = now;
  return true;
}
