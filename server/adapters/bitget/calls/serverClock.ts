import type { Clock } from '../../../ports/clock.ts';

/** A reading of the exchange's clock counts for that long against later, slower ones, ms. */
const GOOD_FOR_MS = 300_000;

interface Sample {
  /** Exchange time minus elapsed time. */
  shift: number;
  roundTripMs: number;
  at: number;
}

/** The exchange's time: by what its answers say, carried on by elapsed time. Whoever sets this machine's clock changes nothing. */
export class ServerClock {
  readonly #clock: Clock;
  #sample: Sample | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Before the first answer: this machine's. */
  now(): number {
    const shift = this.#sample?.shift;
    return Math.floor(shift === undefined ? this.#clock.now() : shift + this.#clock.elapsed());
  }

  /** An answer to what was sent at `sentAt`, by elapsed time. `isCertain`: the exchange has just refused our time. */
  heard(requestTime: number, sentAt: number, isCertain: boolean): void {
    const at = this.#clock.elapsed();
    const roundTripMs = at - sentAt;
    const old = this.#sample;
    // The shorter the way, the less it may be off.
    const isBetter = old === undefined || roundTripMs <= old.roundTripMs || at - old.at > GOOD_FOR_MS;
    if (isCertain || isBetter) this.#sample = { shift: requestTime - (sentAt + at) / 2, roundTripMs, at };
  }
}
