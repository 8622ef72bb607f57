import { z } from 'zod';
import { decimalOut, marketMs } from './schemas.ts';

/** Bar intervals, and their lengths in milliseconds. */
export const INTERVAL_MS = {
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
} as const;
export type Interval = keyof typeof INTERVAL_MS;
export const INTERVALS = Object.keys(INTERVAL_MS) as [Interval, ...Interval[]];
export const intervalSchema = z.enum(INTERVALS);

/** One bar. `openTime` is a multiple of the interval since 1970, UTC. Volume is in the base coin. */
export const candleSchema = z.object({
  openTime: marketMs,
  open: decimalOut,
  high: decimalOut,
  low: decimalOut,
  close: decimalOut,
  volume: decimalOut,
});
export type Candle = z.infer<typeof candleSchema>;

/** A bar as it is so far. `volume` is null while it is open where the market's feed tells none before a minute is over. */
export const openCandleSchema = candleSchema.extend({ volume: decimalOut.nullable() });
export type OpenCandle = z.infer<typeof openCandleSchema>;

/** The latest prices of a market. `ts` is market time. */
export const quoteSchema = z.object({
  venue: z.string(),
  symbol: z.string(),
  ts: marketMs,
  last: decimalOut,
  bid: decimalOut,
  ask: decimalOut,
  /** What positions are valued, liquidated and stopped by. */
  mark: decimalOut,
  /** Of the coin elsewhere. */
  index: decimalOut,
  /** Fraction of notional that longs pay shorts at `nextFundingTime`; negative: shorts pay longs. */
  fundingRate: decimalOut,
  nextFundingTime: marketMs,
});
export type Quote = z.infer<typeof quoteSchema>;
