import type { Turn } from './turn.ts';

/**
 * Whether `ms` have passed since the wall time `at` that was written down. One of the future was written by a process whose
 * clock has been set back since: what waits for it would wait for as long, so that it counts as long ago.
 */
export function hasPassed(turn: Turn, at: number, ms: number): boolean {
  const age = turn.wallTime - at;
  return age < 0 || age >= ms;
}

/** Whether what was written down at wall time `at` came at or after `since`, which this process measured. */
export function isSince(turn: Turn, at: number, since: number): boolean {
  return at >= since && at <= turn.wallTime;
}
