import { z } from 'zod';
import { type Decimal, dec, mul } from '../../../../shared/domain/decimal.ts';
import { readData } from '../answers/answer.ts';
import {
  decimalField,
  idField,
  listOf,
  optionalDecimal,
  optionalTime,
  symbolField,
} from '../answers/fields.ts';
import { instrumentOf, type Listed, statusOf } from '../told/instrumentRules.ts';

const contractSchema = z.object({
  symbol: symbolField,
  baseCoin: z.string(),
  quoteCoin: z.string(),
  symbolType: z.string(),
  symbolStatus: z.string(),
  pricePlace: z.coerce.number().int().nonnegative(),
  priceEndStep: decimalField,
  sizeMultiplier: decimalField,
  minTradeNum: decimalField,
  minTradeUSDT: decimalField,
  maxOrderQty: optionalDecimal,
  maxMarketOrderQty: optionalDecimal,
  maxLever: decimalField,
  makerFeeRate: decimalField,
  takerFeeRate: decimalField,
  buyLimitPriceRatio: decimalField,
  sellLimitPriceRatio: decimalField,
  fundInterval: optionalTime,
  offTime: optionalTime,
});

/** The last digit counts in `step`s: 1 with one place is 0.1, 5 with one place is 0.5. */
const tickOf = (step: Decimal, places: number): Decimal =>
  places === 0 ? step : mul(step, dec(`0.${'0'.repeat(places - 1)}1`));

/** The perpetual contracts that are listed. */
export function parseInstruments(venue: string, data: unknown, now: number): Listed[] {
  return readData('market/contracts', listOf(contractSchema), data).flatMap((told) => {
    if (told.symbolType !== 'perpetual') return [];
    const listed = instrumentOf(venue, {
      ...told,
      status: statusOf(told.symbolStatus, told.offTime, now),
      tickSize: tickOf(told.priceEndStep, told.pricePlace),
      sizeStep: told.sizeMultiplier,
      minSize: told.minTradeNum,
      maxLimitSize: told.maxOrderQty,
      maxMarketSize: told.maxMarketOrderQty,
      minNotional: told.minTradeUSDT,
      maxLeverage: told.maxLever,
      fundingHours: told.fundInterval,
    });
    return listed === undefined ? [] : [listed];
  });
}

const tierSchema = z.object({ level: idField, keepMarginRate: decimalField });

/** The maintenance rate of the smallest positions; null: no tiers are told. */
export function parseMaintenanceRate(data: unknown): Decimal | null {
  const tiers = readData('market/query-position-lever', listOf(tierSchema), data);
  const [lowest] = [...tiers].sort((a, b) => Number(a.level) - Number(b.level));
  return lowest?.keepMarginRate ?? null;
}
