import type { Lane } from './callLimiter.ts';

/** The exchange counts when calls arrive, and its network may bring them closer together: a window is taken for longer. */
const STRETCH = 1.1;
/** Shares of a window that only the lanes before may use. */
const EXIT_RESERVE = 0.2;
const ENTRY_RESERVE = 0.2;

/** How many calls left within the last stretch of time: never more than the exchange takes, wherever it begins to count. */
export class CallWindow {
  readonly #perMs: number;
  readonly #most: Record<Lane, number>;
  /** When those left that still count, the oldest first from `#from` on. */
  #times: number[] = [];
  #from = 0;
  #pausedUntil = { exit: 0, others: 0 };

  constructor(calls: number, perMs: number) {
    this.#perMs = Math.ceil(perMs * STRETCH);
    // Of one call at a time nothing can be kept back.
    const forEntries = Math.max(1, calls - Math.ceil(calls * EXIT_RESERVE));
    const forReads = Math.max(1, forEntries - Math.ceil(calls * ENTRY_RESERVE));
    this.#most = { exit: calls, entry: forEntries, read: forReads };
  }

  /** 0: it may leave. Else ms until it might. */
  waitMs(now: number, lane: Lane): number {
    this.#forget(now);
    const paused = lane === 'exit' ? this.#pausedUntil.exit : this.#pausedUntil.others;
    const excess = this.#times.length - this.#from - this.#most[lane];
    const blocking = excess < 0 ? undefined : this.#times[this.#from + excess];
    const full = blocking === undefined ? 0 : blocking + this.#perMs - now;
    return Math.max(0, paused - now, full);
  }

  take(now: number): void {
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
