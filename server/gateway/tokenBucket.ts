import type { Rate } from './limits.ts';

/** Nobody is told to come back later than this, ms: what was told to those who do not come is soon forgotten. */
const LONGEST_WAIT_MS = 10_000;

/** A token bucket that refills by the clock it is asked with. */
export class TokenBucket {
  #tokens: number;
  #refilledAt: number;
  /** When whoever was refused last was told to come back. */
  #promisedAt = Number.NEGATIVE_INFINITY;

  constructor(rate: Rate, now: number) {
    this.#tokens = rate.burst;
    this.#refilledAt = now;
  }

  /** Milliseconds until one token is there; 0: now. Takes nothing. */
  waitMs(rate: Rate, now: number): number {
    const elapsedMs = Math.max(0, now - this.#refilledAt);
    this.#tokens = Math.min(rate.burst, this.#tokens + (elapsedMs * rate.perSecond) / 1_000);
    this.#refilledAt = now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1_000) / rate.perSecond);
  }

  /**
   * Milliseconds after which somebody who is refused is to come back: later for each than for the one before it, by the
   * time a token takes, so that those who come as they were told find one each.
   */
  promiseMs(rate: Rate, now: number): number {
    const next = Math.max(now + this.waitMs(rate, now), this.#promisedAt + 1_000 / rate.perSecond);
    this.#promisedAt = Math.min(next, now + LONGEST_WAIT_MS);
    return Math.ceil(this.#promisedAt - now);
  }

  /** Takes the cost of something let through, for which `waitMs` said there was a token: a dear one leaves a debt. */
  take(cost = 1): void {
    this.#tokens -= cost;
  }
}
