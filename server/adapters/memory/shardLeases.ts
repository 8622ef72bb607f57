import type { Clock } from '../../ports/clock.ts';
import type { HeldLease, ShardLeases } from '../../ports/shardLeases.ts';
import type { MemoryStore } from './store.ts';

/** Leases in the shared store, timed by the given clock. */
export class MemoryShardLeases implements ShardLeases {
  readonly #store: MemoryStore;
  readonly #clock: Clock;

  constructor(store: MemoryStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async acquire(shard: number, owner: string, ttlMs: number): Promise<HeldLease | undefined> {
    const now = this.#clock.now();
    const present = this.#store.leases.get(shard);
    if (present !== undefined && present.expiresAt > now && present.owner !== owner) return undefined;
    const token = (present?.token ?? 0n) + 1n;
    const expiresAt = now + ttlMs;
    this.#store.leases.set(shard, { owner, token, expiresAt });
    return { shard, token, expiresAt };
  }

  async renew(lease: HeldLease, ttlMs: number): Promise<HeldLease | undefined> {
    const present = this.#store.leases.get(lease.shard);
    if (present?.token !== lease.token) return undefined;
    present.expiresAt = this.#clock.now() + ttlMs;
    return { ...lease, expiresAt: present.expiresAt };
  }

  async release(lease: HeldLease): Promise<void> {
    const present = this.#store.leases.get(lease.shard);
    if (present?.token === lease.token) present.expiresAt = this.#clock.now();
  }
}
