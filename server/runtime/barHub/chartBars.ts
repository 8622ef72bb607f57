import { type Candle, INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';
import { barOpenTime } from '../../core/market/barBuilder.ts';
import type { Asker } from '../../ports/deskGateway.ts';
import { CANDLES_MINUTES_LIMIT, CHART_BARS } from './limits.ts';
import type { MarketTrack } from './marketTrack.ts';

/** Bars that a chart is filled with: no more than one call for the past may read. */
export function chartBars(interval: Interval): number {
  const readable = Math.floor((CANDLES_MINUTES_LIMIT * INTERVAL_MS['1m']) / INTERVAL_MS[interval]);
  return Math.max(1, Math.min(CHART_BARS, readable));
}

/** As `BarHub.candles`, of one market. */
export async function closedBars(
  track: MarketTrack,
  interval: Interval,
  before: number | undefined,
  limit: number,
  asker: Asker | null,
): Promise<Candle[]> {
  // What a chart is being filled with need not be read a second time beside it.
  await track.entries.get(interval)?.filled(chartBars(interval));
  const now = barOpenTime(track.feed.marketTime(), interval);
  const end = Math.min(now, before ?? now);
  const window = track.entries.get(interval)?.series?.window;
  const held = window?.candles(before ?? Number.POSITIVE_INFINITY, limit);
  if (held !== undefined) return held;
  const alignedEnd = Math.ceil(end / INTERVAL_MS[interval]) * INTERVAL_MS[interval];
  const lengthMs = Math.min(limit * INTERVAL_MS[interval], CANDLES_MINUTES_LIMIT * INTERVAL_MS['1m']);
  const from = Math.max(
    0,
    Math.ceil((alignedEnd - lengthMs) / INTERVAL_MS[interval]) * INTERVAL_MS[interval],
  );
  return (
    window?.range(from, before ?? alignedEnd) ??
    track.history.past.read({ symbol: track.symbol, interval, from, to: alignedEnd }, asker)
  );
}
