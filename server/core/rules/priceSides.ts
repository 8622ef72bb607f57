import {
  add,
  type Decimal,
  dec,
  div,
  gt,
  lt,
  max,
  mul,
  mulDiv,
  roundToStep,
  sub,
} from '../../../shared/domain/decimal.ts';
import type { Direction, Position } from '../../../shared/domain/position.ts';

const HUNDRED = dec('100');

/** Average price of what opened the position. */
export function entryPrice(position: Pick<Position, 'openedCost' | 'openedSize'>): Decimal {
  return div(position.openedCost, position.openedSize);
}

/** `pct` percent beyond `price` on the losing side, on the tick grid, rounded towards the price: never looser. */
export function lossSide(direction: Direction, price: Decimal, pct: Decimal, tick: Decimal): Decimal {
  const distance = mulDiv(price, pct, HUNDRED, 12);
  return direction === 'long'
    ? roundToStep(sub(price, distance), tick, 'up')
    : roundToStep(add(price, distance), tick, 'down');
}

/** `pct` percent beyond `price` on the winning side, on the tick grid. */
export function gainSide(direction: Direction, price: Decimal, pct: Decimal, tick: Decimal): Decimal {
  const distance = mulDiv(price, pct, HUNDRED, 12);
  return direction === 'long'
    ? roundToStep(add(price, distance), tick, 'up')
    : roundToStep(sub(price, distance), tick, 'down');
}

/** Gain of the mark over the entry in percent; negative: loss. */
export function gainPct(position: Position, mark: Decimal): Decimal {
  const entry = entryPrice(position);
  const move = position.direction === 'long' ? sub(mark, entry) : sub(entry, mark);
  return mulDiv(move, HUNDRED, entry, 6);
}

/** Whether stop `a` protects more than stop `b`. */
export function isTighter(direction: Direction, a: Decimal, b: Decimal): boolean {
  return direction === 'long' ? gt(a, b) : lt(a, b);
}

/** Smallest move of a stop worth a request: a tick, or this share of the mark. */
const TRAIL_STEP_RATIO = dec('0.0005');

export function trailStep(mark: Decimal, tick: Decimal): Decimal {
  return max(tick, mul(mark, TRAIL_STEP_RATIO));
}

/** Whether a price lies where a position of this direction gains, seen from `from`. */
export function isGain(direction: Direction, price: Decimal, from: Decimal): boolean {
  return direction === 'long' ? gt(price, from) : lt(price, from);
}
