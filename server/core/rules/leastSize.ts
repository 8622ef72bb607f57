import { type Decimal, div, lt, max, mul, roundToStep } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';

type Minima = Pick<Instrument, 'minSize' | 'minNotional' | 'sizeStep'>;

/** The least that meets both minima at this price, on the step. */
export function leastSize({ minSize, minNotional, sizeStep }: Minima, price: Decimal): Decimal {
  return max(minSize, roundToStep(div(minNotional, price, 18), sizeStep, 'up'));
}

/** Whether an order for all of this would be refused for being too small. */
export const isBelowMinima = (
  size: Decimal,
  { minSize, minNotional }: Pick<Minima, 'minSize' | 'minNotional'>,
  price: Decimal,
): boolean => lt(size, minSize) || lt(mul(size, price), minNotional);
