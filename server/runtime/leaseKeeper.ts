import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { HeldLease, ShardLeases } from '../ports/shardLeases.ts';
import type { Lease } from './lease.ts';
import { STORE_PATIENCE_MS, type StoreHealth } from './storeHealth.ts';

/** All desks are one shard until there are many processes. */
export const ONLY_SHARD = 0;
export const LEASE_TTL_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
const ACQUIRE_RETRY_MS = 250;

/** Holds the lease of a shard for as long as the process lives and the database answers. */
export class LeaseKeeper implements Lease {
  readonly #leases: ShardLeases;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #health: StoreHealth;
  readonly #owner: string;
  #held: HeldLease | undefined;
  /** When what is held was asked for, by the clock that only counts. */
  #askedAt = 0;
  #cancel: (() => void) | undefined;
  #onLost: () => void = () => {};

  constructor(options: {
    leases: ShardLeases;
    clock: Clock;
    logger: Logger;
    owner: string;
    /** Told when the lease cannot be renewed: also an idle server notices that its store is away. */
    health: StoreHealth;
  }) {
    this.#health = options.health;
    this.#leases = options.leases;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#owner = options.owner;
  }

  /** Waits until the former holder has let go or its lease has ended. */
  async acquire(onLost: () => void): Promise<void> {
    this.#onLost = onLost;
    let said = false;
    while (this.#held === undefined) {
      const askedAt = this.#clock.elapsed();
      this.#held = await this.#leases.acquire(ONLY_SHARD, this.#owner, LEASE_TTL_MS);
      this.#askedAt = askedAt;
      if (this.#held !== undefined) break;
      if (!said) this.#logger.info({}, 'another process holds the desks; waiting for its lease to end');
      said = true;
      await new Promise<void>((resolve) => this.#clock.after(ACQUIRE_RETRY_MS, resolve));
    }
    this.#schedule();
  }

  /** The lease to prove with. Throws when it is not held: nothing may be written then. */
  get held(): HeldLease {
    if (this.#held === undefined) throw new Error('the lease is not held');
    return this.#held;
  }

  /** Ms until it ends unless renewed, by whichever clock says less: the wall's may be set back. 0 when it is not held. */
  leftMs(): number {
    if (this.#held === undefined) return 0;
    const byWall = this.#held.expiresAt - this.#clock.now();
    const byCount = this.#askedAt + LEASE_TTL_MS - this.#clock.elapsed();
    return Math.max(0, Math.min(byWall, byCount));
  }

  lost(): void {
    if (this.#held === undefined) return;
    this.#held = undefined;
    this.#cancel?.();
    this.#onLost();
  }

  async release(): Promise<void> {
    this.#cancel?.();
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) await this.#leases.release(held);
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(RENEW_EVERY_MS, () => void this.#renewAgain());
  }

  /** Renews it now, which is a write: rejects while the store cannot take one. */
  async renew(): Promise<void> {
    const held = this.#held;
    if (held === undefined) return;
    const askedAt = this.#clock.elapsed();
    const renewed = await this.#leases.renew(held, LEASE_TTL_MS);
    if (this.#held === undefined) return;
    if (renewed === undefined) {
      this.#logger.error({}, 'another process has taken the desks over');
      this.lost();
      return;
    }
    this.#held = renewed;
    this.#askedAt = askedAt;
  }

  async #renewAgain(): Promise<void> {
    try {
      // Writes to the venue end with the lease. One renewal at a time: an answer that is late may still come.
      await this.#watched(this.renew());
    } catch (error) {
      this.#health.failed('store_unreachable', `the lease could not be renewed: ${String(error)}`);
    }
    if (this.#held !== undefined) this.#schedule();
  }

  async #watched(renewal: Promise<void>): Promise<void> {
    const cancel = this.#clock.after(STORE_PATIENCE_MS, () =>
      this.#health.failed('store_silent', `the lease was not renewed in ${STORE_PATIENCE_MS} ms`),
    );
    await renewal.finally(cancel);
  }
}
