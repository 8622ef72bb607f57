import type { Trader } from './trader.ts';

/** Cancels all orders of an account unless it is told in time not to. */
export class Countdown {
  readonly #now: () => number;
  #dueAt: number | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** 0: off. */
  set(ms: number): void {
    this.#dueAt = ms === 0 ? null : this.#now() + ms;
  }

  look(trader: Trader): void {
    if (this.#dueAt === null || this.#now() < this.#dueAt) return;
    this.#dueAt = null;
    for (const order of [...trader.books.working.values()]) trader.cancel(order, 'countdown');
    if (trader.switches.countdownSparesStops) return;
    for (const strategy of trader.books.pendingStrategies()) trader.strategies.cancel(strategy);
  }
}
