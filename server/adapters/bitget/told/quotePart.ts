import { z } from 'zod';
import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Candle } from '../../../../shared/domain/market.ts';
import { readData } from '../answers/answer.ts';
import { decimalField, listOf, timeField } from '../answers/fields.ts';

/** Prices of a market as one message tells them: null is what it leaves out, and stays as it was. */
export interface QuotePart {
  symbol: string;
  ts: number;
  last: Decimal | null;
  bid: Decimal | null;
  ask: Decimal | null;
  mark: Decimal | null;
  index: Decimal | null;
  fundingRate: Decimal | null;
  nextFundingTime: number | null;
}

const rowSchema = z
  .tuple([timeField, decimalField, decimalField, decimalField, decimalField, decimalField])
  .rest(z.unknown());

/** Candles of either API, rows of `[ts, open, high, low, close, base, …]`, the oldest first. */
export function parseCandles(call: string, data: unknown): Candle[] {
  return readData(call, listOf(rowSchema), data)
    .map(([openTime, open, high, low, close, volume]) => ({ openTime, open, high, low, close, volume }))
    .sort((a, b) => a.openTime - b.openTime);
}
