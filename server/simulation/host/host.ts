import type { Clock } from '../../ports/clock.ts';
import { Gate } from './gate.ts';

export interface HostOptions {
  schedule: {
    readonly now: number;
    after(delayMs: number, run: () => void): void;
    /** What is returned cancels it. */
    timer(delayMs: number, run: () => void): () => void;
  };
  /** What the machine's clock shows, ms since 1970. */
  wallTime(): number;
  /** Ms on the way to a port or back. */
  latency(): number;
}

/** One life of a process: all that it knows of time, and every answer it gets, comes through its gate. */
export class Host {
  readonly gate = new Gate();
  readonly clock: Clock;
  readonly #options: HostOptions;

  constructor(options: HostOptions) {
    this.#options = options;
    const { schedule, wallTime } = options;
    this.clock = {
      now: () => Math.floor(wallTime()),
      elapsed: () => schedule.now,
      after: (delayMs, run) => {
        let isCancelled = false;
        // Due while it sleeps, it may be cancelled before it wakes.
        const cancel = schedule.timer(delayMs, () =>
          this.gate.run(() => {
            if (!isCancelled) run();
          }),
        );
        return () => {
          isCancelled = true;
          cancel();
        };
      },
      soon: (run) => void schedule.timer(0, () => this.gate.run(run)),
    };
  }

  /** The port with each call on its way for a while: it is made whatever becomes of the caller, and answered to whom lives. */
  remote<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.#ask(() => Reflect.apply(member, target, args));
      },
    });
  }

  /** Something told to the process without its asking. */
  tell(run: () => void): void {
    const { schedule, latency } = this.#options;
    schedule.after(latency(), () => this.gate.run(run));
  }

  #ask(call: () => unknown): Promise<unknown> {
    const { schedule, latency } = this.#options;
    return new Promise((resolve, reject) => {
      const back = (hear: () => void): void => schedule.after(latency(), () => this.gate.run(hear));
      schedule.after(latency(), () => {
        // Also what it throws is an answer.
        Promise.resolve()
          .then(call)
          .then(
            (answer) => back(() => resolve(answer)),
            (error: unknown) => back(() => reject(error)),
          );
      });
    });
  }
}
