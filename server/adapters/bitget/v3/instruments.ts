import { z } from 'zod';
import type { Decimal } from '../../../../shared/domain/decimal.ts';
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
  type: z.string().nullish(),
  status: z.string(),
  priceMultiplier: decimalField,
  quantityMultiplier: decimalField,
  minOrderQty: decimalField,
  minOrderAmount: optionalDecimal,
  maxOrderQty: optionalDecimal,
  maxMarketOrderQty: optionalDecimal,
  maxLeverage: decimalField,
  makerFeeRate: decimalField,
  takerFeeRate: decimalField,
  buyLimitPriceRatio: decimalField,
  sellLimitPriceRatio: decimalField,
  fundInterval: optionalTime,
  offTime: optionalTime,
});

/** The perpetual contracts that are listed. */
export function parseInstruments(venue: string, data: unknown, now: number): Listed[] {
  return readData('market/instruments', listOf(contractSchema), data).flatMap((told) => {
    if (told.type != null && told.type !== 'perpetual') return [];
    const { priceMultiplier, quantityMultiplier, offTime, fundInterval, ...rules } = told;
    const listed = instrumentOf(venue, {
      ...rules,
      status: statusOf(told.status, offTime, now),
      tickSize: priceMultiplier,
      sizeStep: quantityMultiplier,
      minSize: told.minOrderQty,
      maxLimitSize: told.maxOrderQty,
      maxMarketSize: told.maxMarketOrderQty,
      minNotional: told.minOrderAmount ?? NO_NOTIONAL,
      fundingHours: fundInterval,
    });
    return listed === undefined ? [] : [listed];
  });
}

const NO_NOTIONAL = '5' as Decimal;

const tierSchema = z.object({ tier: idField, mmr: decimalField });

/** The maintenance rate of the smallest positions; null: no tiers are told. */
export function parseMaintenanceRate(data: unknown): Decimal | null {
  const tiers = readData('market/position-tier', listOf(tierSchema), data);
  const [lowest] = [...tiers].sort((a, b) => Number(a.tier) - Number(b.tier));
  return lowest?.mmr ?? null;
}
