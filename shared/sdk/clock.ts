/** Time and timers as the SDK sees them; injected by tests. */
export interface SdkClock {
  /** Milliseconds since 1970, on this device's clock. */
  now(): number;
  /** Runs once after `delayMs`; the returned function cancels. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: SdkClock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
