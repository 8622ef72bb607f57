import type { Rate } from './limits.ts';

/** A token bucket that refills by the clock it is asked with. */
export class TokenBucket {
  private tokens: number;
  private refilledAt: number;

  constructor(rate: Rate, now: number) {
    this.tokens = rate.burst;
    this.refilledAt = now;
  }

  /** Milliseconds until one token is there; 0: now. Takes nothing. */
  waitMs(rate: Rate, now: number): number {
    const elapsedMs = Math.max(0, now - this.refilledAt);
    this.tokens = Math.min(rate.burst, this.tokens + (elapsedMs * rate.perSecond) / 1_000);
    this.refilledAt = now;
    return this.tokens >= 1 ? 0 : Math.ceil(((1 - this.tokens) * 1_000) / rate.perSecond);
  }

  /** Takes the cost of something let through, for which `waitMs` said there was a token: a dear one leaves a debt. */
  take(cost = 1): void {
    this.tokens -= cost;
  }
}
