import { CLIENT_ID_MEMORY_MS } from '../account/clientIds.ts';
import { LOCK_STEP_SPEED } from '../feed/marketTime.ts';

/** Longest wait for a commit before a write's outcome is called unknown and a read fails, wall milliseconds. */
export const ANSWER_TIMEOUT_MS = 5_000;

/** A call runs at once or never, and a commit takes no longer than callers wait for it; here in market time. */
export const writeWindowMs = (speed: number): number => ANSWER_TIMEOUT_MS * paceOf(speed);
/** A day on whichever clock runs faster; a market in lock-step has only its own. */
export const idMemoryMs = (speed: number): number => CLIENT_ID_MEMORY_MS * paceOf(speed);
const paceOf = (speed: number): number => (speed === LOCK_STEP_SPEED ? 1 : Math.max(1, speed));
