import type { Reading } from './reading.ts';

/** What queries show of an account, each from a call of its own. */
export type ReadingPart = keyof Reading;

/** What an account's queries show: now, or some of it as it was a while ago. */
export class Lag {
  readonly #now: () => number;
  readonly #live: Reading;
  #lagMs = 0;
  #parts: ReadonlySet<ReadingPart> = new Set();
  /** How it was, from each change on, oldest first. */
  #past: { from: number; reading: Reading }[] = [];

  constructor(now: () => number, live: Reading) {
    this.#now = now;
    this.#live = live;
  }

  /** Without parts, all of it lags. */
  set(lagMs: number, parts: readonly ReadingPart[] = PARTS): void {
    this.#lagMs = lagMs;
    this.#parts = new Set(parts);
    this.#past = lagMs === 0 ? [] : [{ from: 0, reading: copyOf(this.#live) }];
  }

  /** Something has changed. */
  note(): void {
    if (this.#lagMs === 0) return;
    const shownFrom = this.#now() - this.#lagMs;
    // Of those that are older than what is shown, the newest is shown.
    const first = this.#past.findLastIndex(({ from }) => from <= shownFrom);
    this.#past = [
      ...this.#past.slice(Math.max(0, first)),
      { from: this.#now(), reading: copyOf(this.#live) },
    ];
  }

  read(): Reading {
    if (this.#lagMs === 0) return this.#live;
    const past = this.#past.findLast(({ from }) => from <= this.#now() - this.#lagMs)?.reading;
    if (past === undefined) return this.#live;
    const from = (part: ReadingPart): Reading => (this.#parts.has(part) ? past : this.#live);
    return {
      money: from('money').money,
      positions: from('positions').positions,
      openOrders: from('openOrders').openOrders,
      endedOrders: from('endedOrders').endedOrders,
      strategies: from('strategies').strategies,
      fills: from('fills').fills,
      bills: from('bills').bills,
      endedPositions: from('endedPositions').endedPositions,
    };
  }
}

export const PARTS: readonly ReadingPart[] = [
  'money',
  'positions',
  'openOrders',
  'endedOrders',
  'strategies',
  'fills',
  'bills',
  'endedPositions',
];

/** As it is now, whatever becomes of it. */
const copyOf = (live: Reading): Reading => ({
  money: live.money,
  positions: live.positions,
  openOrders: live.openOrders.map((order) => ({ ...order })),
  endedOrders: live.endedOrders.map((order) => ({ ...order })),
  strategies: live.strategies.map((strategy) => ({ ...strategy })),
  fills: [...live.fills],
  bills: [...live.bills],
  endedPositions: [...live.endedPositions],
});
