import { add, type Decimal, gt, isPositive, max, min, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Order, Side } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, openOrders } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';

/** What is left of an order that may add exposure, at its worst: as it is, or as it was asked to become. */
export interface Incoming {
  side: Side;
  size: Decimal;
  /** The highest of its prices: what it is worth at most. */
  price: Decimal;
  /** The price from which its position is liquidated first. */
  worstEntry: Decimal;
  /** The one at which it fills last; null: at the market, at once. */
  limit: Decimal | null;
  stopPrice: Decimal | null;
}

/** Working orders that may add exposure, without the one that is to be replaced. */
export function entriesOf(turn: Turn, state: AccountState, replaces: Order | undefined): Order[] {
  return [...openOrders(turn.desk, state.account.accountId)].filter(
    (order) => !order.reduceOnly && order.orderId !== replaces?.orderId,
  );
}

/** An amendment on its way may have been made or not: the larger size counts until it is known. */
export function sizeLeft({ size, filledSize, amending }: Order): Decimal {
  return sub(amending === undefined ? size : max(size, amending.size), filledSize);
}

/** Undefined without a fresh price for one at the market. */
export function incomingOf(turn: Turn, state: AccountState, order: Order): Incoming | undefined {
  const price = order.price ?? turn.context.quote(state.account.venue, order.symbol)?.mark;
  if (price === undefined) return undefined;
  const asked = order.amending?.price ?? price;
  const higher = max(price, asked);
  const lower = min(price, asked);
  const isBuy = order.side === 'buy';
  return {
    side: order.side,
    size: sizeLeft(order),
    price: higher,
    worstEntry: isBuy ? higher : lower,
    limit: order.price === null ? null : isBuy ? lower : higher,
    stopPrice: order.attachedStop?.triggerPrice ?? null,
  };
}

export const isAdding = (held: Pick<Position, 'direction'>, side: Side): boolean =>
  (held.direction === 'long') === (side === 'buy');

/** What `size` on `side` opens beyond flat, once `ahead` of the same side has filled: the rest takes exposure away. */
export function addedSize(
  held: Pick<Position, 'direction' | 'size'> | undefined,
  side: Side,
  ahead: Decimal,
  size: Decimal,
): Decimal {
  if (held === undefined || isAdding(held, side)) return size;
  const closable = gt(held.size, ahead) ? sub(held.size, ahead) : ZERO;
  const beyond = sub(size, closable);
  return isPositive(beyond) ? beyond : ZERO;
}

/** What is left of working entries of one side of a symbol. */
export function sizeAhead(entries: readonly Order[], symbol: string, side: Side): Decimal {
  return entries.reduce(
    (size, order) => (order.symbol === symbol && order.side === side ? add(size, sizeLeft(order)) : size),
    ZERO,
  );
}
