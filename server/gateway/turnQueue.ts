import type { Clock } from '../ports/clock.ts';

/** Something that has things to publish. */
export interface TurnTask {
  /** Set by the queue while it waits in it. */
  queued: boolean;
  flush(): void;
}

/**
 * Collects what one turn of the event loop has to publish and sends it at its end: uWebSockets.js then writes all of
 * it to a socket at once, which is what makes fan-out cheap.
 */
export class TurnQueue {
  readonly #clock: Pick<Clock, 'soon'>;
  #tasks: TurnTask[] = [];
  #scheduled = false;

  constructor(clock: Pick<Clock, 'soon'>) {
    this.#clock = clock;
  }

  add(task: TurnTask): void {
    if (task.queued) return;
    task.queued = true;
    this.#tasks.push(task);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.soon(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) {
      task.queued = false;
      task.flush();
    }
  }
}
