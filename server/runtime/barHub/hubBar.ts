import { type Candle, INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';

export interface HubBar {
  venue: string;
  symbol: string;
  interval: Interval;
  candle: Candle;
  /** 0 at first; grows with each correction. */
  revision: number;
}
/** Bars that close together: by symbol, then by venue, then by interval. */
export function inOrder(a: HubBar, b: HubBar): number {
  if (a.symbol !== b.symbol) return a.symbol < b.symbol ? -1 : 1;
  if (a.venue !== b.venue) return a.venue < b.venue ? -1 : 1;
  return INTERVAL_MS[a.interval] - INTERVAL_MS[b.interval];
}
