/** Time, timers and turns of the loop, injected so that timeouts and limits test instantly and replay exactly. */
export interface Clock {
  /** Milliseconds since 1970: for what is shown and what follows the calendar. Somebody may set it forward or back. */
  now(): number;
  /** Milliseconds since some moment, which nobody sets: for how long something has lasted. */
  elapsed(): number;
  /** Runs once after `delayMs`; the returned function cancels. Never keeps the process alive. */
  after(delayMs: number, run: () => void): () => void;
  /** Runs in the loop's next turn, no time later: what else is due, sockets and timers, has its turn in between. */
  soon(run: () => void): void;
}
