import { drain } from './drain.ts';

/** All that reaches one life of a process: at once, or when it wakes, in order; never once it is dead. */
export class Gate {
  #state: 'awake' | 'asleep' | 'dead' = 'awake';
  #waiting: (() => void)[] = [];

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  /** Nothing waits for it to wake. */
  get isClear(): boolean {
    return this.#waiting.length === 0;
  }

  run(reach: () => void): void {
    if (this.#state === 'dead') return;
    if (this.#state === 'asleep' || this.#waiting.length > 0) this.#waiting.push(reach);
    else reach();
  }

  /** As SIGSTOP. */
  sleep(): void {
    if (this.#state === 'awake') this.#state = 'asleep';
  }

  /** As SIGCONT. */
  wake(): void {
    if (this.#state !== 'asleep') return;
    this.#state = 'awake';
    while (this.#state === 'awake') {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next();
      drain();
    }
  }

  /** As SIGKILL. */
  die(): void {
    this.#state = 'dead';
    this.#waiting = [];
  }
}
