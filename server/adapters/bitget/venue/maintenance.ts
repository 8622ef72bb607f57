import type { Clock } from '../../../ports/clock.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { tellsMaintenance } from '../errors/errorCodes.ts';

/** After a word of maintenance nothing is begun for so long; each word begins it anew. An announced drop comes within it. */
const HOLD_MS = 60_000;

/** Whether the exchange has said that it is, or is about to be, out of service. */
export class Maintenance {
  readonly #clock: Clock;
  #until = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  told(): void {
    this.#until = this.#clock.elapsed() + HOLD_MS;
  }

  /** Looks whether this failure was such a word. */
  heard(error: unknown): void {
    if (error instanceof BitgetError && tellsMaintenance(error.code)) this.told();
  }

  /** 0: nothing is held back. */
  get leftMs(): number {
    return Math.max(0, Math.ceil(this.#until - this.#clock.elapsed()));
  }
}
