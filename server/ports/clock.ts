/** Wall time and timers, injected so that timeouts and limits test instantly and replay exactly. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some moment, which nobody sets forward or back; absent: `now` is as good. */
  elapsed?(): number;
  /** Runs once after `delayMs`; the returned function cancels. Never keeps the process alive. */
  after(delayMs: number, run: () => void): () => void;
}
