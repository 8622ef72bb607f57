import type { MarginMode } from '../../../shared/domain/account.ts';
import {
  add,
  type Decimal,
  dec,
  div,
  isPositive,
  mul,
  roundToStep,
  sub,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Direction } from '../../../shared/domain/position.ts';

/**
 * Where an isolated position of this entry price would be liquidated, before fees and funding: margin of 1/leverage is
 * used up to the maintenance rate. Cross positions depend on the whole account: null here, the venue tells it.
 */
export function liquidationPrice(
  instrument: Instrument,
  direction: Direction,
  entryPrice: Decimal,
  leverage: number,
  marginMode: MarginMode,
): Decimal | null {
  if (marginMode === 'cross') return null;
  const initial = div(dec('1'), dec(String(leverage)), 12);
  const keep = instrument.maintenanceMarginRate;
  const one = dec('1');
  const price =
    direction === 'long'
      ? div(mul(entryPrice, sub(one, initial)), sub(one, keep), 12)
      : div(mul(entryPrice, add(one, initial)), add(one, keep), 12);
  if (!isPositive(price)) return null;
  return roundToStep(price, instrument.tickSize, direction === 'long' ? 'up' : 'down');
}
