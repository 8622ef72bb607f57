import type { Lane } from './callLimiter.ts';

/** Beyond the window itself: clocks of two machines do not run alike. */
const MARGIN_MS = 20;
/** Shares of a window that only the lanes before may use. */
const EXIT_RESERVE = 0.2;
const ENTRY_RESERVE = 0.2;

/**
 * How many calls the exchange may have counted within its last stretch of time. It counts when a call arrives, which is some
 * time between its leaving and its answer: so each counts while it is under way, and for a whole window after its answer.
 */
export class CallWindow {
  readonly #perMs: number;
  readonly #most: Record<Lane, number>;
  #underWay = 0;
  /** When those were answered that still count, the oldest first from `#from` on. */
  #times: number[] = [];
  #from = 0;
  #pausedUntil = { exit: 0, others: 0 };

  constructor(calls: number, perMs: number) {
    this.#perMs = perMs + MARGIN_MS;
    // Of one call at a time nothing can be kept back.
    const forEntries = Math.max(1, calls - Math.ceil(calls * EXIT_RESERVE));
    const forReads = Math.max(1, forEntries - Math.ceil(calls * ENTRY_RESERVE));
    this.#most = { exit: calls, entry: forEntries, read: forReads };
  }

  /** 0: it may leave. Else ms until it might; infinity: once others are answered. */
  waitMs(now: number, lane: Lane): number {
    this.#forget(now);
    const paused = lane === 'exit' ? this.#pausedUntil.exit : this.#pausedUntil.others;
    const excess = this.#underWay + this.#times.length - this.#from - this.#most[lane];
    const blocking = this.#times[this.#from + excess] ?? Number.POSITIVE_INFINITY;
    const full = excess < 0 ? 0 : blocking + this.#perMs - now;
    return Math.max(0, paused - now, full);
  }

  take(): void {
    this.#underWay += 1;
  }

  answered(now: number): void {
    this.#underWay -= 1;
    this.#times.push(now);
  }

  pause(exitsUntil: number, othersUntil: number): void {
    this.#pausedUntil = {
      exit: Math.max(this.#pausedUntil.exit, exitsUntil),
      others: Math.max(this.#pausedUntil.others, othersUntil),
    };
  }

  #forget(now: number): void {
    const end = now - this.#perMs;
    while ((this.#times[this.#from] ?? Number.POSITIVE_INFINITY) <= end) this.#from += 1;
    // Cut rarely: a window of an address holds thousands.
    if (this.#from > 64 && this.#from * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#from);
      this.#from = 0;
    }
  }
}
