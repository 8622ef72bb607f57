import type { Clock } from '../../ports/clock.ts';

/** Time that moves only when a test says so. */
export class ManualClock implements Clock {
  #time: number;
  #timers: { at: number; run: () => void }[] = [];

  constructor(time = Date.UTC(2026, 0, 5)) {
    this.#time = time;
  }

  #wallOffset = 0;

  now(): number {
    return this.#time + this.#wallOffset;
  }

  elapsed(): number {
    return this.#time;
  }

  /** Somebody sets the wall clock; no time passes. */
  setWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#time + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Turns of the loop are the machine's: they take no time. */
  soon(run: () => void): void {
    setImmediate(run);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets `ms` pass, running each timer at its time. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#time = Math.max(this.#time, next.at);
      next.run();
    }
    this.#time = end;
  }
}
