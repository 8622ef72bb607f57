import { INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';
import { BACKFILL_MINUTES_LIMIT, HELD_BARS_LIMIT } from './limits.ts';

/** `bars`, and as many more as closed in the last `missedMs`, within what is held and read. Throws on `bars` out of bounds. */
export function barsToHold(interval: Interval, bars: number, missedMs: number): number {
  if (!Number.isInteger(bars) || bars < 1 || bars > HELD_BARS_LIMIT) {
    throw new RangeError(`${bars} bars asked for; allowed are 1 to ${HELD_BARS_LIMIT}`);
  }
  const minutes = (bars * INTERVAL_MS[interval]) / INTERVAL_MS['1m'];
  if (minutes > BACKFILL_MINUTES_LIMIT) {
    throw new RangeError(
      `${bars} bars of ${interval} are ${minutes} minutes; at most ${BACKFILL_MINUTES_LIMIT} are read`,
    );
  }
  const most = Math.min(HELD_BARS_LIMIT, Math.floor((BACKFILL_MINUTES_LIMIT / minutes) * bars));
  return Math.min(most, bars + Math.max(0, Math.ceil(missedMs / INTERVAL_MS[interval])));
}
