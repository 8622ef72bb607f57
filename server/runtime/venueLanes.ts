import type { Clock } from '../ports/clock.ts';
import type { RateLimit } from '../ports/venue.ts';

/**
 * - `exit`: what reduces or protects: closes, stops, cancels
 * - `entry`: what adds exposure, and what it needs first
 * - `read`: readings and look-ups
 */
export type Lane = 'exit' | 'entry' | 'read';

/** Which part of the venue's limit each lane has to itself. Exits may take from the others when theirs is used up. */
const LANE_SHARES: Readonly<Record<Lane, number>> = { exit: 0.3, entry: 0.4, read: 0.3 };
/** Of the venue's limit we use this much: its clock and ours do not tick together. */
const USED_SHARE = 0.9;
/** Calls that may wait in one lane; one more is not sent. */
export const LANE_LIMIT = 2_000;

const LANES: readonly Lane[] = ['exit', 'entry', 'read'];
const BORROWS: Readonly<Record<Lane, readonly Lane[]>> = {
  exit: ['exit', 'entry', 'read'],
  entry: ['entry'],
  read: ['read'],
};

/** Calls the venue takes, per lane: nothing else can use up what an exit needs. All accounts of a venue share it. */
export class VenueLanes {
  readonly #clock: Clock;
  readonly #limit: RateLimit | undefined;
  readonly #budgets = new Map<Lane, Budget>();
  readonly #waiting: Record<Lane, (() => void)[]> = { exit: [], entry: [], read: [] };
  #closedUntil = 0;
  #cancelTimer: (() => void) | undefined;

  /** `limit` undefined: the venue names none, and calls wait only when it says so. */
  constructor(clock: Clock, limit: RateLimit | undefined) {
    this.#clock = clock;
    this.#limit = limit;
    if (limit === undefined) return;
    for (const lane of LANES) {
      const size = Math.max(1, Math.floor(limit.calls * USED_SHARE * LANE_SHARES[lane]));
      this.#budgets.set(lane, new Budget(size, limit.perMs));
    }
  }

  /** Null: it may go at once. Else resolves when it is its turn: true, or false when too many wait already. */
  turn(lane: Lane): Promise<boolean> | null {
    const now = this.#clock.elapsed();
    if (this.#waiting[lane].length === 0 && this.#take(lane, now)) return null;
    if (this.#waiting[lane].length >= LANE_LIMIT) return Promise.resolve(false);
    const turn = new Promise<boolean>((resolve) => this.#waiting[lane].push(() => resolve(true)));
    this.#wake(now);
    return turn;
  }

  /** The venue said that it takes nothing for this long. Exits go first afterwards. */
  close(forMs: number): void {
    const now = this.#clock.elapsed();
    this.#closedUntil = Math.max(this.#closedUntil, now + forMs);
    this.#wake(now);
  }

  #take(lane: Lane, now: number): boolean {
    if (now < this.#closedUntil) return false;
    return (
      this.#limit === undefined || BORROWS[lane].some((from) => this.#budgets.get(from)?.take(now) === true)
    );
  }

  #serve(): void {
    const now = this.#clock.elapsed();
    for (const lane of LANES) {
      const queue = this.#waiting[lane];
      while (queue.length > 0 && this.#take(lane, now)) queue.shift()?.();
    }
    this.#wake(now);
  }

  #wake(now: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (LANES.every((lane) => this.#waiting[lane].length === 0)) return;
    const next = this.#limit === undefined ? 0 : Math.min(...this.#nextTokens(now));
    const delayMs = Math.max(1, next, this.#closedUntil - now);
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#serve());
  }

  #nextTokens(now: number): number[] {
    const waited = LANES.filter((lane) => this.#waiting[lane].length > 0);
    return waited.flatMap((lane) => BORROWS[lane].map((from) => this.#budgets.get(from)?.msToNext(now) ?? 0));
  }
}

/** `size` in any `perMs`: a bucket that is full and fills up again would let twice as many through. */
class Budget {
  readonly #size: number;
  readonly #perMs: number;
  /** When the last ones were taken, oldest first. */
  readonly #taken: number[] = [];

  constructor(size: number, perMs: number) {
    this.#size = size;
    this.#perMs = perMs;
  }

  take(now: number): boolean {
    if (this.msToNext(now) > 0) return false;
    this.#taken.push(now);
    return true;
  }

  msToNext(now: number): number {
    while (this.#taken.length > 0 && this.#freedAt() <= now) this.#taken.shift();
    return this.#taken.length < this.#size ? 0 : Math.ceil(this.#freedAt() - now);
  }

  #freedAt(): number {
    return (this.#taken[0] ?? 0) + this.#perMs;
  }
}
