import type { Clock } from '../ports/clock.ts';

/** What is done for all of many is done for a part of them at a time: whatever comes in between waits for none but those. */
const PARTS = 10;

/** Things that are done again and again, each at its own pace, until they are stopped. */
export class Recurring {
  readonly #clock: Clock;
  readonly #cancels = new Map<string, () => void>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The first time after `periodMs`. */
  every(name: string, periodMs: number, run: () => void): void {
    const again = (): void => {
      if (this.#stopped) return;
      run();
      this.#cancels.set(name, this.#clock.after(periodMs, again));
    };
    this.#cancels.set(name, this.#clock.after(periodMs, again));
  }

  /** All of them within `periodMs`, each at its own time in it. */
  everyInParts<T>(name: string, periodMs: number, all: () => Iterable<T>, run: (part: T[]) => void): void {
    let part = 0;
    this.every(name, periodMs / PARTS, () => {
      const chosen = part;
      part = (part + 1) % PARTS;
      run([...all()].filter((_, index) => index % PARTS === chosen));
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels.values()) cancel();
  }
}
