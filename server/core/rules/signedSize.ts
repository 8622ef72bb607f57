import { type Decimal, neg } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';

/** What is held of a symbol, in the base coin: long is positive, short negative. */
export const signedSize = ({ direction, size }: Pick<Position, 'direction' | 'size'>): Decimal =>
  direction === 'long' ? size : neg(size);
