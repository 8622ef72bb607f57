import type { SdkClock } from './clock.ts';
import { SDK_LIMITS } from './limits.ts';

interface Sample {
  /** Server time minus device time, ms. */
  offsetMs: number;
  /** Half the round trip: how wrong the offset can be. */
  errorMs: number;
}

/** Estimates the server's clock from round trips: of the last few, the shortest is the most exact. */
export class ServerClock {
  readonly #clock: SdkClock;
  #samples: Sample[] = [];
  #offsetMs = 0;

  constructor(clock: SdkClock) {
    this.#clock = clock;
  }

  now(): number {
    return Math.round(this.#clock.now() + this.#offsetMs);
  }

  /** `sentAt` and `receivedAt` on the device's clock; the server told `serverTime` in between. */
  record(sentAt: number, receivedAt: number, serverTime: number): void {
    const errorMs = Math.max(0, receivedAt - sentAt) / 2;
    const sample = { offsetMs: serverTime - (sentAt + receivedAt) / 2, errorMs };
    const best = this.#best();
    // Intervals that cannot both hold: the device's clock was set meanwhile, and what came before is worthless.
    // (1 ms more, because the server rounds to milliseconds.)
    if (best !== undefined && Math.abs(best.offsetMs - sample.offsetMs) > best.errorMs + errorMs + 1)
      this.#samples = [];
    this.#samples.push(sample);
    if (this.#samples.length > SDK_LIMITS.clockSamples) this.#samples.shift();
    this.#offsetMs = (this.#best() ?? sample).offsetMs;
  }

  #best(): Sample | undefined {
    let best: Sample | undefined;
    for (const sample of this.#samples)
      if (best === undefined || sample.errorMs < best.errorMs) best = sample;
    return best;
  }
}
