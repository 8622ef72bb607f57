import type { DeskFrame } from '../protocol/frames.ts';
import type { SdkClock } from './clock.ts';
import { SDK_LIMITS } from './limits.ts';

/** Frames whose way to the device is measured: acknowledged at once. */
const URGENT_KINDS: ReadonlySet<DeskFrame['kind']> = new Set([
  'FillRecorded',
  'StopPlaced',
  'StopReplaced',
  'StopTriggered',
  'StopFailed',
]);

export function isUrgent(frame: DeskFrame): boolean {
  return URGENT_KINDS.has(frame.kind);
}

/** Tells the server, cumulatively, how far this device has folded. */
export class Acks {
  readonly #clock: SdkClock;
  readonly #send: () => void;
  #dueAt: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #lastSentAt = Number.NEGATIVE_INFINITY;

  /** `send` is called with nothing: the position is read when the acknowledgement leaves. */
  constructor(clock: SdkClock, send: () => void) {
    this.#clock = clock;
    this.#send = send;
  }

  folded(urgent: boolean): void {
    const interval = urgent ? SDK_LIMITS.ackUrgentMinIntervalMs : SDK_LIMITS.ackIntervalMs;
    this.#schedule(Math.max(this.#clock.now(), this.#lastSentAt + interval));
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#dueAt = undefined;
  }

  #schedule(at: number): void {
    if (this.#dueAt !== undefined && this.#dueAt <= at) return;
    this.#cancelTimer?.();
    this.#dueAt = at;
    const delayMs = at - this.#clock.now();
    if (delayMs <= 0) this.#fire();
    else this.#cancelTimer = this.#clock.after(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.stop();
    this.#lastSentAt = this.#clock.now();
    this.#send();
  }
}
