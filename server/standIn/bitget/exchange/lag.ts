import type { Reading } from './reading.ts';

/** What an account's queries show: now, or how it was a while ago. */
export class Lag {
  readonly #now: () => number;
  readonly #current: () => Reading;
  #lagMs = 0;
  /** How it was, from each change on, oldest first. */
  #past: { from: number; reading: Reading }[] = [];

  constructor(now: () => number, current: () => Reading) {
    this.#now = now;
    this.#current = current;
  }

  set(lagMs: number): void {
    this.#lagMs = lagMs;
    this.#past = lagMs === 0 ? [] : [{ from: 0, reading: this.#current() }];
  }

  /** Something has changed. */
  note(): void {
    if (this.#lagMs === 0) return;
    const shownFrom = this.#now() - this.#lagMs;
    // Of those that are older than what is shown, the newest is shown.
    const first = this.#past.findLastIndex(({ from }) => from <= shownFrom);
    this.#past = [...this.#past.slice(Math.max(0, first)), { from: this.#now(), reading: this.#current() }];
  }

  read(): Reading {
    if (this.#lagMs === 0) return this.#current();
    const shown = this.#past.findLast(({ from }) => from <= this.#now() - this.#lagMs);
    return shown?.reading ?? this.#current();
  }
}
