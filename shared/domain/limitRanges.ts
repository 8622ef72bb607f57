import type { LimitValues } from './account.ts';
import { type Decimal, dec, gt, lt } from './decimal.ts';

type RangedLimit = Exclude<keyof LimitValues, 'dailyLossPolicy' | 'drawdownPolicy'>;

const AMOUNT = ['0', '1000000000000'] as const;
const PERCENT = ['0', '100'] as const;
const WEEK_MS = '604800000';

/** Least and most that each limit may be set to: amounts in the settlement coin, percentages, counts, milliseconds. */
const RANGES: Record<RangedLimit, readonly [least: string, most: string]> = {
  dailyLoss: AMOUNT,
  drawdownPct: PERCENT,
  maxLeverage: ['1', '125'],
  maxPositions: ['0', '1000'],
  maxOrderNotional: AMOUNT,
  maxTotalNotional: AMOUNT,
  maxOrdersPerMinute: ['1', '10000'],
  // Within less than that of the mark no price is to be had.
  priceBandPct: ['0.01', '100'],
  liquidationMarginPct: PERCENT,
  cooldownAfterStopMs: ['0', WEEK_MS],
  maxStopOuts: ['1', '100'],
  stopOutWindowMs: ['1000', WEEK_MS],
};

export interface OutOfRange {
  field: RangedLimit;
  value: string;
  allowed: string;
}

/** Limits that are given and are not what they may be. */
export function outOfRange(
  values: Partial<Record<RangedLimit, Decimal | number | null | undefined>>,
): OutOfRange[] {
  return (Object.keys(RANGES) as RangedLimit[]).flatMap((field) => {
    const given = values[field];
    if (given == null) return [];
    const [least, most] = RANGES[field];
    const value = dec(String(given));
    return lt(value, dec(least)) || gt(value, dec(most))
      ? [{ field, value, allowed: `${least} to ${most}` }]
      : [];
  });
}

/** For people: which value, and what is allowed. */
export const rangeText = ({ field, value, allowed }: OutOfRange): string =>
  `${field} is ${value}: it must be ${allowed}`;
