import type { Interval } from '../../../shared/domain/market.ts';

/** The bars of [from, to) of one series, both aligned to its interval. */
export interface Stretch {
  symbol: string;
  interval: Interval;
  from: number;
  to: number;
}
