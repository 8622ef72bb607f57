import type { Clock } from '../../../ports/clock.ts';
import { hasOpen, type SimulatedAccount } from '../account/state.ts';
import type { VenueAccount } from '../account/venueAccount.ts';
import type { VenueStore } from '../store/venueStore.ts';
import type { MatchingEngine } from './matchingEngine.ts';

/** Accounts with nothing open that are kept in memory. */
const MAX_FLAT = 1_000;
/** Between attempts to read an account back, wall milliseconds. */
const READ_BACK_RETRY_MS = 1_000;

export interface FlatAccountsContext {
  engine: MatchingEngine;
  store: VenueStore;
  clock: Clock;
  /** Whether the store has all that is in memory. */
  isStored: () => boolean;
}

/**
 * Accounts with nothing open, to which the market can do nothing: read from the store at their first use, and gone again
 * when others are used.
 */
export class FlatAccounts {
  readonly #context: FlatAccountsContext;
  /** In the order of their last use. */
  readonly #flat = new Map<string, VenueAccount>();
  readonly #loading = new Map<string, Promise<VenueAccount | undefined>>();
  /** Those that a call under way goes on with after a pause, and how many such calls. */
  readonly #held = new Map<VenueAccount, number>();

  constructor(context: FlatAccountsContext) {
    this.#context = context;
  }

  /** One that is not in memory; undefined: there is none. However many ask, it is read once. */
  load(accountId: string): Promise<VenueAccount | undefined> {
    const known = this.#loading.get(accountId);
    if (known !== undefined) return known;
    const loading = this.#read(accountId).finally(() => this.#loading.delete(accountId));
    this.#loading.set(accountId, loading);
    return loading;
  }

  /** Nothing of what is in memory of it was stored: it is again as the store has it. */
  readBack(account: VenueAccount): void {
    this.#context.engine.forget(account);
    const read = (): void => {
      this.load(account.state.accountId).catch(() => this.#context.clock.after(READ_BACK_RETRY_MS, read));
    };
    read();
  }

  /** To be called after each use. */
  used(account: VenueAccount): void {
    const { accountId } = account.state;
    // It was forgotten while somebody used it; another may be here in its place.
    if (this.#context.engine.account(accountId) !== account) return;
    this.#flat.delete(accountId);
    if (hasOpen(account.state)) return;
    this.#flat.set(accountId, account);
    this.#trim();
  }

  /** Runs while the account stays in memory. */
  async holding<T>(account: VenueAccount, run: () => Promise<T>): Promise<T> {
    this.#held.set(account, (this.#held.get(account) ?? 0) + 1);
    try {
      return await run();
    } finally {
      const left = (this.#held.get(account) ?? 1) - 1;
      if (left === 0) this.#held.delete(account);
      else this.#held.set(account, left);
      this.used(account);
    }
  }

  async #read(accountId: string): Promise<VenueAccount | undefined> {
    const { engine, store } = this.#context;
    const state: SimulatedAccount | undefined = await store.account(accountId);
    const known = engine.account(accountId);
    if (known !== undefined || state === undefined) return known;
    const account = engine.take(state);
    // One that was forgotten comes back with what it has open.
    engine.changed(account);
    this.used(account);
    return account;
  }

  #trim(): void {
    for (const [accountId, account] of this.#flat) {
      if (this.#flat.size <= MAX_FLAT || !this.#context.isStored()) return;
      if (this.#held.has(account)) continue;
      this.#flat.delete(accountId);
      this.#context.engine.drop(account);
    }
  }
}
