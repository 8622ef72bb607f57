import { z } from 'zod';
import { readData } from '../answers/answer.ts';
import { listOf, optionalDecimal, optionalTime, symbolField } from '../answers/fields.ts';
import type { QuotePart } from '../told/quotePart.ts';

const tickerSchema = z.object({
  symbol: symbolField,
  lastPr: optionalDecimal,
  bidPr: optionalDecimal,
  askPr: optionalDecimal,
  markPrice: optionalDecimal,
  indexPrice: optionalDecimal,
  fundingRate: optionalDecimal,
  nextFundingTime: optionalTime,
  ts: optionalTime,
});

/** Prices, as calls and pushes tell them alike. `now`: for those that carry no time of their own. */
export function parseTickers(data: unknown, now: number): QuotePart[] {
  return readData('market/ticker', listOf(tickerSchema), data).map((told) => ({
    symbol: told.symbol,
    ts: told.ts ?? now,
    last: told.lastPr,
    bid: told.bidPr,
    ask: told.askPr,
    mark: told.markPrice,
    index: told.indexPrice,
    fundingRate: told.fundingRate,
    nextFundingTime: told.nextFundingTime,
  }));
}
