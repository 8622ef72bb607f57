import { z } from 'zod';
import { readData } from '../answers/answer.ts';
import { listOf, optionalDecimal, optionalTime, symbolField } from '../answers/fields.ts';
import type { QuotePart } from '../told/quotePart.ts';

const priceFields = {
  lastPrice: optionalDecimal,
  bid1Price: optionalDecimal,
  ask1Price: optionalDecimal,
  markPrice: optionalDecimal,
  indexPrice: optionalDecimal,
  fundingRate: optionalDecimal,
  nextFundingTime: optionalTime,
  ts: optionalTime,
};
const tickerSchema = z.object({ symbol: symbolField, ...priceFields });
const pushSchema = z.object(priceFields);

/** Prices by a call. `now`: of the answer, for those that carry no time of their own. */
export function parseTickers(data: unknown, now: number): QuotePart[] {
  return readData('market/tickers', listOf(tickerSchema), data).map((told) => partOf(told.symbol, told, now));
}

/** Prices by a push, whose symbol is in its argument alone. */
export function parseTickerPush(symbol: string, data: unknown, ts: number): QuotePart[] {
  return readData('ticker', listOf(pushSchema), data).map((told) => partOf(symbol, told, ts));
}

function partOf(symbol: string, told: z.output<typeof pushSchema>, ts: number): QuotePart {
  return {
    symbol,
    ts: told.ts ?? ts,
    last: told.lastPrice,
    bid: told.bid1Price,
    ask: told.ask1Price,
    mark: told.markPrice,
    index: told.indexPrice,
    fundingRate: told.fundingRate,
    nextFundingTime: told.nextFundingTime,
  };
}
