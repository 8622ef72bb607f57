import {
  add,
  type Decimal,
  gt,
  isZero,
  lt,
  mul,
  mulDiv,
  neg,
  sub,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Side } from '../../../shared/domain/order.ts';
import type { Direction, Position } from '../../../shared/domain/position.ts';

/** The figures of a position that fills change. */
export type Holding = Pick<
  Position,
  'direction' | 'size' | 'cost' | 'openedSize' | 'openedCost' | 'closedSize' | 'closedValue' | 'realisedPnl'
>;

export interface FillEffect {
  /** The holding after the fill; size '0' when flat. */
  after: Holding;
  /** Realised by this fill, before fees. */
  realised: Decimal;
  /** Set when the fill went through flat to the other side: the holding that ended. */
  ended: Holding | null;
}

const opens = (side: Side): Direction => (side === 'buy' ? 'long' : 'short');

/**
 * One-way mode: a fill on the position's side adds to it, on the other side reduces it, beyond flat opens the other
 * side. A partial close releases cost × q / Q, rounded half-even to MONEY_SCALE; a full close releases what is left.
 */
export function positionAfterFill(
  held: Holding | undefined,
  side: Side,
  price: Decimal,
  size: Decimal,
): FillEffect {
  if (held === undefined || isZero(held.size))
    return { after: open(opens(side), price, size), realised: ZERO, ended: null };
  if (held.direction === opens(side)) {
    const cost = mul(price, size);
    const after = {
      ...held,
      size: add(held.size, size),
      cost: add(held.cost, cost),
      openedSize: add(held.openedSize, size),
      openedCost: add(held.openedCost, cost),
    };
    return { after, realised: ZERO, ended: null };
  }
  const closing = gt(size, held.size) ? held.size : size;
  const released = lt(closing, held.size) ? mulDiv(held.cost, closing, held.size) : held.cost;
  const value = mul(price, closing);
  const gain = sub(value, released);
  const realised = held.direction === 'long' ? gain : neg(gain);
  const reduced: Holding = {
    ...held,
    size: sub(held.size, closing),
    cost: sub(held.cost, released),
    closedSize: add(held.closedSize, closing),
    closedValue: add(held.closedValue, value),
    realisedPnl: add(held.realisedPnl, realised),
  };
  const beyond = sub(size, closing);
  if (isZero(beyond)) return { after: reduced, realised, ended: null };
  return { after: open(opens(side), price, beyond), realised, ended: reduced };
}

function open(direction: Direction, price: Decimal, size: Decimal): Holding {
  const cost = mul(price, size);
  return {
    direction,
    size,
    cost,
    openedSize: size,
    openedCost: cost,
    closedSize: ZERO,
    closedValue: ZERO,
    realisedPnl: ZERO,
  };
}

/** Gain of what is open, at `mark`, before fees. */
export function unrealisedPnl(held: Pick<Position, 'direction' | 'size' | 'cost'>, mark: Decimal): Decimal {
  const value = mul(mark, held.size);
  return held.direction === 'long' ? sub(value, held.cost) : sub(held.cost, value);
}
