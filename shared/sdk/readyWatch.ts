import type { SdkClock } from './clock.ts';
import { SDK_LIMITS } from './limits.ts';

interface ReadyWatchOptions {
  clock: SdkClock;
  random: () => number;
  isReady?: (() => Promise<boolean>) | undefined;
}

/**
 * Between attempts, asks whether the server is ready: a restart is over some time, and the backoff would sleep through it.
 * Only a yes after a no counts. A server that was ready all the time has its reasons to refuse, and the backoff stands.
 */
export class ReadyWatch {
  readonly #options: ReadyWatchOptions;
  readonly #onReady: () => void;
  #wasAway = false;
  #round = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: ReadyWatchOptions, onReady: () => void) {
    this.#options = options;
    this.#onReady = onReady;
  }

  begin(): void {
    this.stop();
    if (this.#options.isReady !== undefined) this.#next();
  }

  stop(): void {
    this.#round += 1;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Connected: what was before says nothing about the next cut. */
  forget(): void {
    this.#wasAway = false;
  }

  #next(): void {
    this.#cancelTimer = this.#options.clock.after(SDK_LIMITS.readyEveryMs, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const round = this.#round;
    const { clock, random, isReady } = this.#options;
    const ready = await isReady?.().catch(() => false);
    if (round !== this.#round) return;
    if (ready === true && this.#wasAway) {
      // Not all clients at the same moment.
      this.#cancelTimer = clock.after(Math.floor(random() * SDK_LIMITS.readySpreadMs), () => this.#onReady());
      return;
    }
    if (ready !== true) this.#wasAway = true;
    this.#next();
  }
}
