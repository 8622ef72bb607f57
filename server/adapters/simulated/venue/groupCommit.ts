import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import { VenueUnavailable } from '../../../ports/venue.ts';
import { type AccountPush, hasEnded } from '../account/state.ts';
import type { VenueAccount } from '../account/venueAccount.ts';
import {
  type SavedVenue,
  type VenueBatch,
  VenueRowsRefused,
  type VenueStore,
  VenueStoreLost,
} from '../store/venueStore.ts';
import { halvesOf, type Part, type Staged } from './batchParts.ts';

/** Changes that may wait for their commit; beyond it new writes are refused. */
const MAX_STAGED = 20_000;
/** Pauses between attempts to commit, wall milliseconds. */
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

export interface GroupCommitOptions {
  store: VenueStore;
  venueNow: () => SavedVenue;
  deliver: (pushes: AccountPush[]) => void;
  /** What is in memory of it could not be stored, and is not to be used any more. */
  onRefused: (account: VenueAccount) => void;
  clock: Clock;
  logger: Logger;
}

/**
 * Makes changes durable before anyone hears of them: one commit in flight, and what is staged meanwhile is the next.
 * A commit that fails is tried again, the same batch, until it succeeds or another process owns the store. What can
 * never be stored costs its own account: it is sought by halves, and the account goes back to what the store has of it.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #staged: Staged[] = [];
  readonly #refused = new WeakSet<VenueAccount>();
  #inFlight: Promise<void> | undefined;
  #failing = false;
  #lost = false;
  #closed = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Why no write can be taken now; undefined: it can. */
  refusal(): 'maintenance' | 'rate_limited' | undefined {
    if (this.#failing || this.#lost || this.#closed) return 'maintenance';
    return this.#staged.length >= MAX_STAGED ? 'rate_limited' : undefined;
  }

  /** Whether the store has all that there is. */
  get isSettled(): boolean {
    return this.#inFlight === undefined && !this.#lost;
  }

  /**
   * Resolves when the account's state and these pushes are durable and the pushes were delivered; rejects when that
   * will not be known any more.
   */
  stage(account: VenueAccount | undefined, pushes: AccountPush[]): Promise<void> {
    if (account !== undefined && this.#refused.has(account)) return Promise.reject(notStored());
    return new Promise((resolve, reject) => {
      this.#staged.push({ account, pushes, release: resolve, abandon: reject });
      this.#inFlight ??= this.#run();
    });
  }

  /** Resolves when everything that was staged before is durable and delivered. */
  async settled(): Promise<void> {
    if (this.#inFlight !== undefined || this.#lost) await this.stage(undefined, []);
  }

  /** Tries no longer; what is not durable by then is as if the process had died. */
  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    // A turn of the queue of microtasks collects what this turn of the loop still stages.
    await Promise.resolve();
    while (this.#staged.length > 0) {
      const group = this.#staged;
      this.#staged = [];
      await this.#settle({ staged: group, batch: this.#batchOf(group) });
    }
    this.#inFlight = undefined;
  }

  async #settle(whole: Part): Promise<void> {
    const parts = [whole];
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const outcome = this.#lost ? 'lost' : await this.#commit(part.batch);
      if (outcome === 'refused') {
        const [one, rest] = halvesOf(part);
        const isOfOne = one.batch.accounts.length === part.batch.accounts.length;
        if (isOfOne) this.#refuse(one);
        else parts.unshift(one);
        // After the first half, and only where somebody waits for it.
        if (rest.staged.length > 0) parts.splice(isOfOne ? 0 : 1, 0, rest);
        continue;
      }
      for (const { pushes, release, abandon } of part.staged) {
        if (outcome === 'stored') {
          this.#options.deliver(pushes);
          release();
        } else {
          abandon(new VenueUnavailable('the simulated venue can write no more'));
        }
      }
    }
  }

  /** Nothing of the account of this part is stored, nor is what was done on top of it. */
  #refuse({ staged }: Part): void {
    const account = staged.find((one) => one.account !== undefined)?.account;
    if (account === undefined) return;
    this.#refused.add(account);
    const later = this.#staged.filter((one) => one.account === account);
    this.#staged = this.#staged.filter((one) => one.account !== account);
    for (const { abandon } of [...staged, ...later]) abandon(notStored());
    this.#options.onRefused(account);
  }

  async #commit(batch: VenueBatch): Promise<'stored' | 'refused' | 'lost'> {
    for (let retryMs = FIRST_RETRY_MS; !this.#closed; retryMs = Math.min(MAX_RETRY_MS, retryMs * 2)) {
      try {
        await this.#options.store.commit(batch);
        this.#failing = false;
        return 'stored';
      } catch (error) {
        if (error instanceof VenueStoreLost) {
          this.#lost = true;
          this.#options.logger.error({ err: error }, 'the simulated venue lost its store and trades no more');
          return 'lost';
        }
        if (error instanceof VenueRowsRefused && batch.accounts.length > 0) {
          const accounts = batch.accounts.map(({ accountId }) => accountId);
          this.#options.logger.error(
            { err: error, accounts },
            'something at the simulated venue cannot be stored',
          );
          return 'refused';
        }
        this.#failing = true;
        this.#options.logger.warn({ err: error, retryMs }, 'the simulated venue could not commit');
        await new Promise<void>((resolve) => this.#options.clock.after(retryMs, resolve));
      }
    }
    return 'lost';
  }

  #batchOf(group: Staged[]): VenueBatch {
    const accounts = new Set<VenueAccount>();
    const batch: VenueBatch = {
      venue: this.#options.venueNow(),
      accounts: [],
      fills: [],
      bills: [],
      orders: [],
    };
    for (const { account, pushes } of group) {
      if (account !== undefined) accounts.add(account);
      for (const push of pushes) {
        if (push.type === 'fill') batch.fills.push({ accountId: push.accountId, fill: push.fill });
        else if (push.type === 'bill') batch.bills.push({ accountId: push.accountId, bill: push.bill });
        else if (push.type === 'order' && hasEnded(push.order)) {
          batch.orders.push({ accountId: push.accountId, order: push.order });
        }
      }
    }
    for (const { state } of accounts) {
      batch.accounts.push({ accountId: state.accountId, number: state.number, state: JSON.stringify(state) });
    }
    return batch;
  }
}

const notStored = (): Error => new VenueUnavailable('the simulated venue could not store it');
