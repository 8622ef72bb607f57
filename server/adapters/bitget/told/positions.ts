import { type Decimal, isPositive, mul, ZERO } from '../../../../shared/domain/decimal.ts';
import type { Direction } from '../../../../shared/domain/position.ts';
import type { VenuePosition } from '../../../ports/venue.ts';
import { marginModeOf } from './words.ts';

/** A position as either API tells it. */
export interface PositionRow {
  symbol: string;
  direction: Direction;
  size: Decimal;
  averagePrice: Decimal | null;
  leverage: Decimal | null;
  marginMode: string | null;
  /** Nothing or less than nothing: none. */
  liquidationPrice: Decimal | null;
}

/** Of size 0: it is over. */
export function positionOf(row: PositionRow): VenuePosition {
  const { liquidationPrice } = row;
  return {
    symbol: row.symbol,
    direction: row.direction,
    size: row.size,
    cost: row.averagePrice === null ? ZERO : mul(row.averagePrice, row.size),
    leverage: Math.max(1, Math.round(Number(row.leverage ?? '1'))),
    marginMode: marginModeOf(row.marginMode),
    liquidationPrice: liquidationPrice !== null && isPositive(liquidationPrice) ? liquidationPrice : null,
  };
}
