import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Lets something strike at any moment, wall ms from now: nothing that a test expects may depend on which. */
export const randomMoment = (fromMs: number, beforeMs: number): Promise<void> =>
  delay(randomInt(fromMs, beforeMs));
