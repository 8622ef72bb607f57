import type { Clock } from '../../../ports/clock.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { RATE_LIMIT_PAUSE_MS } from '../errors/errorCodes.ts';
import { CallWindow } from './callWindow.ts';

/** Whose turn comes first: what reduces or cancels, then what adds, then what only asks. */
export type Lane = 'exit' | 'entry' | 'read';
const LANES: readonly Lane[] = ['exit', 'entry', 'read'];

/** What a call counts in: an endpoint of an account or of an address, and the address as a whole. */
export interface Budget {
  key: string;
  calls: number;
  perMs: number;
}

interface Waiter {
  lane: Lane;
  budgets: readonly Budget[];
  go(): void;
}

/** Processes that wait for the same window are not to leave at the same moment. */
const JITTER_MS = 25;
/** After the exchange said that it was asked too much: exits are held up no longer than that. */
const EXIT_PAUSE_MS = 1_000;

/** Holds calls back until the exchange takes them: those of the exit lane first, and with room that no other may use. */
export class CallLimiter {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #windows = new Map<string, CallWindow>();
  readonly #waiting: Waiter[] = [];
  #cancelTimer = (): void => {};

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Resolves when the call may leave, which it then must, with what is to be called once it was answered, or never will be;
   * rejects with `rate_limited` once it has waited for `patienceMs`.
   */
  acquire(budgets: readonly Budget[], lane: Lane, patienceMs: number): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        lane,
        budgets,
        go: () => {
          cancel();
          resolve(() => this.#answered(budgets));
        },
      };
      const cancel = this.#clock.after(patienceMs, () => {
        this.#remove(waiter);
        const wait = this.#waitOf(waiter);
        const retryAfterMs = Number.isFinite(wait) ? Math.max(1, Math.ceil(wait)) : RATE_LIMIT_PAUSE_MS;
        const message = 'the budget of calls is used up';
        reject(new BitgetError({ kind: 'rate_limited', retryAfterMs }, { code: null, message }));
      });
      this.#insert(waiter);
      this.#pump();
    });
  }

  /** The exchange refuses calls of this kind for a while. */
  pause(key: string, forMs: number): void {
    const now = this.#clock.elapsed();
    this.#windows.get(key)?.pause(now + Math.min(forMs, EXIT_PAUSE_MS), now + forMs);
    this.#pump();
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  #answered(budgets: readonly Budget[]): void {
    const now = this.#clock.elapsed();
    for (const budget of budgets) this.#windowOf(budget).answered(now);
    this.#pump();
  }

  #insert(waiter: Waiter): void {
    const rank = LANES.indexOf(waiter.lane);
    const at = this.#waiting.findIndex((other) => LANES.indexOf(other.lane) > rank);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, waiter);
  }

  #remove(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** Lets all go that may, by lane and then by arrival; what waits is not overtaken by later ones that need the same. */
  #pump(): void {
    this.#cancelTimer();
    const short = new Set<string>();
    let next = Number.POSITIVE_INFINITY;
    for (const waiter of [...this.#waiting]) {
      if (waiter.budgets.some(({ key }) => short.has(key))) continue;
      const wait = this.#waitOf(waiter);
      if (wait <= 0) {
        this.#remove(waiter);
        for (const budget of waiter.budgets) this.#windowOf(budget).take();
        waiter.go();
        continue;
      }
      next = Math.min(next, wait);
      for (const budget of waiter.budgets)
        if (this.#windowOf(budget).waitMs(this.#clock.elapsed(), waiter.lane) > 0) short.add(budget.key);
    }
    if (next !== Number.POSITIVE_INFINITY)
      this.#cancelTimer = this.#clock.after(Math.ceil(next + this.#random() * JITTER_MS), () => this.#pump());
  }

  #waitOf(waiter: Waiter): number {
    const now = this.#clock.elapsed();
    return Math.max(...waiter.budgets.map((budget) => this.#windowOf(budget).waitMs(now, waiter.lane)));
  }

  #windowOf(budget: Budget): CallWindow {
    let window = this.#windows.get(budget.key);
    if (window === undefined) {
      window = new CallWindow(budget.calls, budget.perMs);
      this.#windows.set(budget.key, window);
    }
    return window;
  }
}
