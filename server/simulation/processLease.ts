import { LEASE_TTL_MS } from '../runtime/leaseKeeper.ts';
import { LEASE_MARGIN_MS } from '../runtime/venueCalls.ts';
import type { World } from './world.ts';

interface Held {
  token: number;
  /** By the wall clock, which jumps, and by the one that only counts. */
  untilWall: number;
  untilElapsed: number;
}

/** What one process believes of its lease: as the runtime's LeaseKeeper. */
export class ProcessLease {
  readonly #world: World;
  readonly #owner: string;
  #held: Held | undefined;

  constructor(world: World, owner: string) {
    this.#world = world;
    this.#owner = owner;
  }

  /** 0: it holds none. */
  get token(): number {
    return this.#held?.token ?? 0;
  }

  acquire(): boolean {
    const token = this.#world.leases.acquire(this.#owner, this.#world.now);
    if (token !== undefined) this.#hold(token);
    return token !== undefined;
  }

  /** False: another process has taken it over. */
  renew(): boolean {
    const isRenewed = this.#world.leases.renew(this.token, this.#world.now);
    if (isRenewed) this.#hold(this.token);
    return isRenewed;
  }

  release(): void {
    this.#world.leases.release(this.token, this.#world.now);
    this.#held = undefined;
  }

  /** Whether a write may leave: by whichever clock says that less is left. */
  get mayWrite(): boolean {
    if (this.#held === undefined) return false;
    const { untilWall, untilElapsed } = this.#held;
    return Math.min(untilWall - this.#world.wallTime, untilElapsed - this.#world.now) >= LEASE_MARGIN_MS;
  }

  #hold(token: number): void {
    const { wallTime, now } = this.#world;
    this.#held = { token, untilWall: wallTime + LEASE_TTL_MS, untilElapsed: now + LEASE_TTL_MS };
  }
}
