import type { HeldLease, ShardLeases } from '../../ports/shardLeases.ts';
import { LEASE_TTL_MS } from '../../runtime/leaseKeeper.ts';
import type { World } from '../world.ts';
import type { StoreLine } from './storeLine.ts';

/** The world's lease as a port of one process. */
export class SimLeases implements ShardLeases {
  /** The newest that the database gave this process; 0: none. */
  token = 0;
  readonly #world: World;
  readonly #line: StoreLine;

  constructor(world: World, line: StoreLine) {
    this.#world = world;
    this.#line = line;
  }

  acquire(shard: number, owner: string): Promise<HeldLease | undefined> {
    return this.#line.ask(() => {
      const token = this.#world.leases.acquire(owner, this.#world.now);
      if (token === undefined) return undefined;
      this.token = token;
      return { shard, token: BigInt(token), expiresAt: this.#expiresAt() };
    });
  }

  renew(lease: HeldLease): Promise<HeldLease | undefined> {
    return this.#line.ask(() => {
      const isRenewed = this.#world.leases.renew(Number(lease.token), this.#world.now);
      return isRenewed ? { ...lease, expiresAt: this.#expiresAt() } : undefined;
    });
  }

  async release(lease: HeldLease): Promise<void> {
    await this.#line.ask(() => this.#world.leases.release(Number(lease.token), this.#world.now));
  }

  #expiresAt(): number {
    return this.#world.wallTime + LEASE_TTL_MS;
  }
}
