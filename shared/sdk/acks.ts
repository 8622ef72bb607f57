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
  private dueAt: number | undefined;
  private cancelTimer: (() => void) | undefined;
  private lastSentAt = Number.NEGATIVE_INFINITY;

  /** `send` is called with nothing: the position is read when the acknowledgement leaves. */
  constructor(
    private readonly clock: SdkClock,
    private readonly send: () => void,
  ) {}

  folded(urgent: boolean): void {
    const interval = urgent ? SDK_LIMITS.ackUrgentMinIntervalMs : SDK_LIMITS.ackIntervalMs;
    this.schedule(Math.max(this.clock.now(), this.lastSentAt + interval));
  }

  stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.dueAt = undefined;
  }

  private schedule(at: number): void {
    if (this.dueAt !== undefined && this.dueAt <= at) return;
    this.cancelTimer?.();
    this.dueAt = at;
    const delayMs = at - this.clock.now();
    if (delayMs <= 0) this.fire();
    else this.cancelTimer = this.clock.after(delayMs, () => this.fire());
  }

  private fire(): void {
    this.stop();
    this.lastSentAt = this.clock.now();
    this.send();
  }
}
