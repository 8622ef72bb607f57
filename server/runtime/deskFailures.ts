import type { Clock } from '../ports/clock.ts';

/** Pauses before a desk whose decisions keep failing is recovered again, ms: the first, doubled up to the last. */
export const FIRST_RECOVERY_PAUSE_MS = 250;
export const LAST_RECOVERY_PAUSE_MS = 30_000;
/** A desk that decided for so long without failing has got over it, ms of elapsed time. */
const SOUND_AFTER_MS = 2 * LAST_RECOVERY_PAUSE_MS;

/** Decisions that threw, per desk: what fails again at once is tried again later and later. */
export class DeskFailures {
  readonly #clock: Clock;
  readonly #failed = new Map<string, { count: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A decision of the desk threw. How long to wait before its recovery, ms; the first one is recovered at once. */
  note(deskId: string): number {
    const now = this.#clock.elapsed();
    const last = this.#failed.get(deskId);
    const count = last === undefined || now - last.at > SOUND_AFTER_MS ? 1 : last.count + 1;
    this.#failed.set(deskId, { count, at: now });
    return count === 1 ? 0 : Math.min(FIRST_RECOVERY_PAUSE_MS * 2 ** (count - 2), LAST_RECOVERY_PAUSE_MS);
  }
}
