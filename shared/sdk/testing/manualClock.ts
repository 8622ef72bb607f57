import type { SdkClock } from '../clock.ts';

/** A clock that stands still until a test moves it; due timers run in their order, at their own time. */
export class ManualClock implements SdkClock {
  private timers: { at: number; run: () => void }[] = [];

  constructor(private time = 1_700_000_000_000) {}

  get pending(): number {
    return this.timers.length;
  }

  now(): number {
    return this.time;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.time + Math.max(0, delayMs), run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.time = Math.max(this.time, due.at);
      due.run();
    }
    this.time = end;
  }

  /** Sets the device's clock without letting time pass: what a user or a time service does. */
  set(now: number): void {
    this.time = now;
  }
}
