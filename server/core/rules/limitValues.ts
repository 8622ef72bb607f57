import type { LimitValues } from '../../../shared/domain/account.ts';
import { cmp, type Decimal, dec } from '../../../shared/domain/decimal.ts';

/** Limits of a new account: nothing surprising, nothing ruinous. */
export const DEFAULT_LIMITS: LimitValues = {
  dailyLoss: null,
  dailyLossPolicy: 'flatten',
  drawdownPct: null,
  drawdownPolicy: 'flatten',
  maxLeverage: 20,
  maxPositions: 10,
  maxOrderNotional: null,
  maxTotalNotional: null,
  maxOrdersPerMinute: 120,
  priceBandPct: null,
  liquidationMarginPct: '0.5' as Decimal,
  cooldownAfterStopMs: null,
  maxStopOuts: null,
  stopOutWindowMs: null,
};

/** Every limit off: of a book until its owner sets one. */
export const UNLIMITED: LimitValues = {
  ...DEFAULT_LIMITS,
  maxLeverage: null,
  maxPositions: null,
  maxOrdersPerMinute: null,
  liquidationMarginPct: null,
};

/** The window of the stop-out guard where none is given. */
export const STOP_OUT_WINDOW_MS = 24 * 3_600_000;

/**
 * Which way each limit is looser. `higher`: off is the loosest. `lower`: off demands nothing, like 0. `window`: off is
 * 24 hours. Total over the values, so that a new limit cannot be forgotten here.
 */
const LOOSER: Record<keyof LimitValues, 'higher' | 'lower' | 'window' | 'policy'> = {
  dailyLoss: 'higher',
  dailyLossPolicy: 'policy',
  drawdownPct: 'higher',
  drawdownPolicy: 'policy',
  maxLeverage: 'higher',
  maxPositions: 'higher',
  maxOrderNotional: 'higher',
  maxTotalNotional: 'higher',
  maxOrdersPerMinute: 'higher',
  priceBandPct: 'higher',
  liquidationMarginPct: 'lower',
  cooldownAfterStopMs: 'lower',
  maxStopOuts: 'higher',
  stopOutWindowMs: 'window',
};
export const LIMIT_NAMES = Object.keys(LOOSER) as (keyof LimitValues)[];

/** What says nothing while the limit it belongs to is off: it may change at once then. */
const BELONGS_TO: Partial<Record<keyof LimitValues, keyof LimitValues>> = {
  dailyLossPolicy: 'dailyLoss',
  drawdownPolicy: 'drawdownPct',
  stopOutWindowMs: 'maxStopOuts',
};

type Value = LimitValues[keyof LimitValues];

/** Whether the value asked for restricts less than the present one. */
export function isLooser(name: keyof LimitValues, asked: LimitValues, current: LimitValues): boolean {
  const owner = BELONGS_TO[name];
  if (owner !== undefined && current[owner] == null) return false;
  return isLooserValue(name, asked[name], current[name]);
}

function isLooserValue(name: keyof LimitValues, asked: Value, current: Value): boolean {
  switch (LOOSER[name]) {
    case 'policy':
      return current === 'flatten' && asked !== 'flatten';
    case 'higher':
      if (current == null) return false;
      return asked == null || compare(asked, current) > 0;
    case 'lower':
      return compare(asked ?? 0, current ?? 0) < 0;
    case 'window':
      return compare(asked ?? STOP_OUT_WINDOW_MS, current ?? STOP_OUT_WINDOW_MS) < 0;
  }
}

function compare(a: string | number, b: string | number): number {
  return cmp(dec(String(a)), dec(String(b)));
}

/** Tighter at once, looser from the next local midnight: nobody talks themselves out of a limit in the heat. */
export function inForce(
  current: LimitValues,
  asked: LimitValues,
): { values: LimitValues; pending: LimitValues | null } {
  const values: LimitValues = { ...asked };
  let isWaiting = false;
  for (const name of LIMIT_NAMES) {
    if (!isLooser(name, asked, current)) continue;
    Object.assign(values, { [name]: current[name] ?? null });
    isWaiting = true;
  }
  return { values, pending: isWaiting ? asked : null };
}
