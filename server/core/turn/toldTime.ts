import type { Context } from '../context.ts';

/** The time that a single message of a venue tells counts up to this far beyond the venue's own clock, market ms. */
export const AHEAD_MS = 60_000;

/** The market time from which on something counts that one message of a venue dates at `ts`. */
export function toldTime(context: Context, venue: string, ts: number): number {
  return Math.min(ts, context.marketTime(venue) + AHEAD_MS);
}
