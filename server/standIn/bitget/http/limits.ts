/** Of all requests of an address. */
export const ADDRESS_PER_MINUTE = 6_000;
export const BAN_MS = 5 * 60_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** Counts what comes within any stretch of time. */
export class SlidingCount {
  readonly #seen = new Map<string, number[]>();

  /** Whether there was room for one more; it is counted then. */
  take(key: string, most: number, withinMs: number, now: number): boolean {
    const seen = this.#seen.get(key) ?? [];
    while (seen.length > 0 && (seen[0] ?? now) <= now - withinMs) seen.shift();
    if (seen.length >= most) return false;
    seen.push(now);
    this.#seen.set(key, seen);
    return true;
  }
}

export interface LimitedRequest {
  path: string;
  perSecond: number;
  /** Of a private call. */
  uid: string | undefined;
  address: string;
}

/** The limits per endpoint and user or address, and over all of an address, which is banned beyond it. */
export class Limits {
  readonly #now: () => number;
  readonly #counts = new SlidingCount();
  readonly #bannedUntil = new Map<string, number>();
  /** How many requests were refused so far, by path. */
  readonly refused = new Map<string, number>();
  enforced = true;

  constructor(now: () => number) {
    this.#now = now;
  }

  ban(address: string, ms: number = BAN_MS): void {
    this.#bannedUntil.set(address, this.#now() + ms);
  }

  /** Counted before anything else is looked at. */
  takesAddress(address: string): boolean {
    const now = this.#now();
    if ((this.#bannedUntil.get(address) ?? 0) > now) return false;
    if (!this.enforced || this.#counts.take(address, ADDRESS_PER_MINUTE, MINUTE_MS, now)) return true;
    this.ban(address);
    return false;
  }

  takes({ path, perSecond, uid, address }: LimitedRequest): boolean {
    if (!this.enforced) return true;
    const whose = uid === undefined ? `ip ${address}` : `uid ${uid}`;
    if (this.#counts.take(`${path} ${whose}`, perSecond, SECOND_MS, this.#now())) return true;
    this.refused.set(path, (this.refused.get(path) ?? 0) + 1);
    return false;
  }
}
