import type { Clock } from '../../ports/clock.ts';

/** Longest delay of one timer: 2^31 − 1 ms; a longer one fires at once. */
const MAX_DELAY_MS = 2_147_483_647;

/** The machine's clock, timers and loop. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};
