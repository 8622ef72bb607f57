import type { Candle, Interval } from '../../../shared/domain/market.ts';

/** The bars of [from, to) of one series, both aligned to its interval. */
export interface Stretch {
  symbol: string;
  interval: Interval;
  from: number;
  to: number;
}

/** Those that open in [from, to). */
export function barsBetween(bars: readonly Candle[], from: number, to: number): Candle[] {
  return bars.filter(({ openTime }) => openTime >= from && openTime < to);
}
