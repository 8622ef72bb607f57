import type { Clock } from '../ports/clock.ts';

/** Pauses before a desk whose decisions keep failing is recovered again, ms: the first, doubled up to the last. */
export interface RecoveryPauses {
  firstMs: number;
  lastMs: number;
}
export const FIRST_RECOVERY_PAUSE_MS = 250;
export const LAST_RECOVERY_PAUSE_MS = 30_000;
const PAUSES: RecoveryPauses = { firstMs: FIRST_RECOVERY_PAUSE_MS, lastMs: LAST_RECOVERY_PAUSE_MS };
/** A desk that decided for so long without failing has got over it, ms of elapsed time. */
const SOUND_AFTER_MS = 2 * LAST_RECOVERY_PAUSE_MS;

interface Failures {
  count: number;
  at: number;
  recoverAt: number;
  /** What failed since it is stuck: not decided again before its recovery. */
  meanwhile: Set<string>;
}

/** Of the same kind, and of the same account: another account of the desk may be well. */
const kindOf = (input: { type: string; accountId?: string }): string =>
  `${input.type} ${input.accountId ?? ''}`;

/** Decisions that threw, per desk: what fails again at once is tried again later and later. */
export class DeskFailures {
  readonly #clock: Clock;
  readonly #pauses: RecoveryPauses;
  readonly #failed = new Map<string, Failures>();

  constructor(clock: Clock, pauses: RecoveryPauses = PAUSES) {
    this.#clock = clock;
    this.#pauses = pauses;
  }

  /** It left memory, sound. */
  forget(deskId: string): void {
    this.#failed.delete(deskId);
  }

  /** A decision of the desk threw. How long to wait before its recovery, ms; the first one is recovered at once. */
  note(deskId: string): number {
    const now = this.#clock.elapsed();
    const last = this.#failed.get(deskId);
    const count = last === undefined || now - last.at > SOUND_AFTER_MS ? 1 : last.count + 1;
    const { firstMs, lastMs } = this.#pauses;
    const pauseMs = count === 1 ? 0 : Math.min(firstMs * 2 ** (count - 2), lastMs);
    this.#failed.set(deskId, { count, at: now, recoverAt: now + pauseMs, meanwhile: new Set() });
    return pauseMs;
  }

  /** A decision of a stuck desk threw: its recovery comes neither sooner nor later for that. How long until it, ms. */
  noteStuck(deskId: string, input: { type: string }): number {
    const failures = this.#failed.get(deskId);
    failures?.meanwhile.add(kindOf(input));
    return Math.max(1, (failures?.recoverAt ?? 0) - this.#clock.elapsed());
  }

  /** Whether this failed since the desk is stuck. */
  hasFailed(deskId: string, input: { type: string }): boolean {
    return this.#failed.get(deskId)?.meanwhile.has(kindOf(input)) === true;
  }
}
