import {
  add,
  type Decimal,
  dec,
  div,
  eq,
  gt,
  isZero,
  lt,
  mul,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { OrderEffect } from '../../../shared/domain/order.ts';
import type { Direction, Position } from '../../../shared/domain/position.ts';
import { liquidationPrice } from '../rules/liquidationPrice.ts';
import { positionAfterFill } from '../rules/positionAfterFill.ts';
import { type Incoming, isAdding } from './incoming.ts';
import type { OrderProposal } from './proposal.ts';

/** The position that an order leads to when it fills whole, all else standing still. */
export interface ResultingPosition {
  direction: Direction;
  size: Decimal;
  entryPrice: Decimal;
  margin: Decimal;
  /** Null: it has none, or it is a cross position. */
  liquidationPrice: Decimal | null;
}

export function effectOf(
  held: Position | undefined,
  { side, reduceOnly }: Pick<OrderProposal, 'side' | 'reduceOnly'>,
  size: Decimal,
): OrderEffect {
  if (held === undefined || isZero(held.size)) return 'opens';
  if (isAdding(held, side)) return 'adds';
  if (lt(size, held.size)) return 'reduces';
  return reduceOnly || eq(size, held.size) ? 'closes' : 'flips';
}

/** Null: flat. */
export function resultingPosition(
  instrument: Instrument,
  held: Position | undefined,
  order: OrderProposal,
  size: Decimal,
  price: Decimal,
): ResultingPosition | null {
  const most = order.reduceOnly && held !== undefined && gt(size, held.size) ? held.size : size;
  const { after, ended } = positionAfterFill(held, order.side, price, most);
  if (isZero(after.size)) return null;
  const { direction, cost } = after;
  const entryPrice = div(cost, after.size);
  const isNew = held === undefined || ended !== null;
  // What is left of an isolated position is liquidated where it was. Of a cross position only the venue can tell, and what
  // it told was of the size that there is.
  const staysThere = !isNew && !isAdding(held, order.side) && order.marginMode === 'isolated';
  const computed = liquidationPrice(instrument, direction, entryPrice, order.leverage, order.marginMode);
  return {
    direction,
    size: after.size,
    entryPrice,
    margin: div(cost, dec(String(order.leverage))),
    liquidationPrice: staysThere ? held.liquidationPrice : computed,
  };
}

/**
 * The liquidation price nearest to the mark that a position of `direction` may have: as it is, and once any of `entries`
 * has filled, which are all of its side. Null: there is none, or it is the venue's to tell.
 */
export function worstLiquidation(
  instrument: Instrument,
  direction: Direction,
  held: Position | undefined,
  entries: readonly Incoming[],
  ordered: Pick<OrderProposal, 'leverage' | 'marginMode'>,
): Decimal | null {
  const isLong = direction === 'long';
  const isNearer = (a: Decimal, b: Decimal) => (isLong ? gt(a, b) : lt(a, b));
  let worst = held?.liquidationPrice ?? null;
  const mayBe = (price: Decimal | null): void => {
    if (price !== null && (worst === null || isNearer(price, worst))) worst = price;
  };
  let size: Decimal = held?.size ?? ZERO;
  let cost: Decimal = held?.cost ?? ZERO;
  const at = (settings: Pick<OrderProposal, 'leverage' | 'marginMode'>): Decimal | null =>
    liquidationPrice(instrument, direction, div(cost, size, 12), settings.leverage, settings.marginMode);
  // The venue's rules may have changed since it told where this one is.
  if (held !== undefined) mayBe(at(held));
  // Of all that may fill, those with the worst prices alone make the worst average.
  for (const entry of [...entries].sort((a, b) => (isNearer(a.worstEntry, b.worstEntry) ? -1 : 1))) {
    size = add(size, entry.size);
    cost = add(cost, mul(entry.worstEntry, entry.size));
    mayBe(at(ordered));
  }
  return worst;
}
