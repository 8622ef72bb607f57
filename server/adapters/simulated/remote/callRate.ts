import type { Clock } from '../../../ports/clock.ts';
import type { RateLimit } from '../../../ports/venue.ts';

/** How many calls one client may make: a bucket of `calls` that fills again within `perMs`. */
export class CallRate {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  #tokens: number;
  #at: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;

    this.#tokens = limit.calls;
    this.#at = clock.now();
  }

  /** 0: the call is taken. Else wall ms until the next one would be. */
  take(): number {
    const { calls, perMs } = this.#limit;
    const now = this.#clock.now();
    this.#tokens = Math.min(calls, this.#tokens + (Math.max(0, now - this.#at) * calls) / perMs);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * perMs) / calls);
    this.#tokens -= 1;
    return 0;
  }
}
