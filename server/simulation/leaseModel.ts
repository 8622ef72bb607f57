import { LEASE_TTL_MS } from '../runtime/leaseKeeper.ts';

/** The lease's row in the database, timed by the database's clock: nobody's jumps. Its token never repeats. */
export class LeaseModel {
  #owner = '';
  #token = 0;
  #expiresAt = 0;

  get expiresAt(): number {
    return this.#expiresAt;
  }

  get token(): number {
    return this.#token;
  }

  acquire(owner: string, now: number): number | undefined {
    if (this.#expiresAt > now && this.#owner !== owner) return undefined;
    this.#owner = owner;
    this.#expiresAt = now + LEASE_TTL_MS;
    this.#token += 1;
    return this.#token;
  }

  renew(token: number, now: number): boolean {
    if (!this.isCurrent(token)) return false;
    this.#expiresAt = now + LEASE_TTL_MS;
    return true;
  }

  release(token: number, now: number): void {
    if (this.isCurrent(token)) this.#expiresAt = now;
  }

  /** Nobody has taken it over since: what an append and every write to the venue is measured by. */
  isCurrent(token: number): boolean {
    return this.#token === token;
  }

  /** Held, and not over: whoever acts at the venue without this may act beside another. */
  isValid(token: number, now: number): boolean {
    return this.isCurrent(token) && this.#expiresAt > now;
  }
}
