import {
  add,
  type Decimal,
  gt,
  gte,
  isPositive,
  isZero,
  lte,
  min,
  sub,
  ZERO,
} from '../../../../shared/domain/decimal.ts';
import { bookExecution, closingSide, type Execution } from './ledger.ts';
import { makerLiquidity, recordTaken, takerLevels } from './liquidity.ts';
import {
  cancelClosers,
  endOrder,
  pushOrder,
  remaining,
  resizeUnsizedStops,
  restAttachedStop,
} from './orders.ts';
import type { LiveOrder, VenueTurn } from './state.ts';

/** The size an order may still trade; null: it is reduce-only and there is nothing left to reduce. */
function executable(turn: VenueTurn, order: LiveOrder): Decimal | null {
  const rest = remaining(order);
  if (!order.reduceOnly) return rest;
  const position = turn.state.positions[order.symbol];
  if (position === undefined || closingSide(position) !== order.side) return null;
  return min(rest, position.size);
}

const withinLimit = (order: LiveOrder, price: Decimal): boolean =>
  order.price === null || (order.side === 'buy' ? lte(price, order.price) : gte(price, order.price));

/** Trades the order against the step's liquidity. What is left is up to its time in force. */
export function matchAsTaker(turn: VenueTurn, order: LiveOrder): void {
  const before = order.filledSize;
  for (const level of takerLevels(turn, order.symbol, order.side)) {
    if (!withinLimit(order, level.price)) break;
    const want = executable(turn, order);
    if (want === null || isZero(want)) break;
    const size = min(want, level.size);
    recordTaken(turn, order.symbol, order.side, 'taker', size);
    execute(turn, order, level.price, size, 'taker');
  }
  settle(turn, order, before);
}

/** Trades a resting limit order at its own price when the last price is there or beyond. */
export function matchAsMaker(turn: VenueTurn, order: LiveOrder): void {
  const before = order.filledSize;
  const { last } = turn.market.quote(order.symbol);
  if (order.price === null || !(order.side === 'buy' ? lte(last, order.price) : gte(last, order.price)))
    return;
  const want = executable(turn, order);
  const size = want === null ? ZERO : min(want, makerLiquidity(turn, order.symbol, order.side));
  if (isPositive(size)) {
    recordTaken(turn, order.symbol, order.side, 'maker', size);
    execute(turn, order, order.price, size, 'maker');
  }
  settle(turn, order, before);
}

/** Trades up to `size` of a resting limit order at its own price. */
export function fillResting(turn: VenueTurn, order: LiveOrder, size: Decimal): void {
  const before = order.filledSize;
  const want = executable(turn, order);
  if (order.price !== null && want !== null) execute(turn, order, order.price, min(want, size), 'maker');
  settle(turn, order, before);
}

/** Could the whole order trade now, at its limit or better? */
export function fillsAtOnce(turn: VenueTurn, order: LiveOrder): boolean {
  let offered: Decimal = ZERO;
  for (const level of takerLevels(turn, order.symbol, order.side)) {
    if (withinLimit(order, level.price)) offered = add(offered, level.size);
  }
  const want = executable(turn, order);
  return want !== null && gte(offered, want);
}

/** Would it trade at once instead of resting? */
export function crosses(turn: VenueTurn, order: LiveOrder): boolean {
  const quote = turn.market.quote(order.symbol);
  return withinLimit(order, order.side === 'buy' ? quote.ask : quote.bid);
}

/** Books `size` at `price`, in two fills when it turns the position around. */
function execute(
  turn: VenueTurn,
  order: LiveOrder,
  price: Decimal,
  size: Decimal,
  liquidity: 'maker' | 'taker',
): void {
  const held = turn.state.positions[order.symbol];
  const closes =
    held !== undefined && closingSide(held) === order.side && gt(size, held.size) ? held.size : size;
  bookPart(turn, order, price, closes, liquidity);
  const opens = sub(size, closes);
  if (isPositive(opens)) bookPart(turn, order, price, opens, liquidity);
}

function bookPart(
  turn: VenueTurn,
  order: LiveOrder,
  price: Decimal,
  size: Decimal,
  liquidity: 'maker' | 'taker',
): void {
  const execution: Execution = {
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    price,
    size,
    liquidity,
    source: order.type === 'stop_market' || order.firedFrom !== undefined ? 'stop' : 'order',
  };
  order.filledSize = add(order.filledSize, size);
  const flat = bookExecution(turn, execution);
  if (order.status !== 'triggered') order.status = 'partially_filled';
  if (flat) {
    cancelClosers(turn, order.symbol, order);
    return;
  }
  if (order.attachedStop !== null) restAttachedStop(turn, order);
  resizeUnsizedStops(turn, order.symbol);
}

/** After matching: ends the order, or says how far it got. */
function settle(turn: VenueTurn, order: LiveOrder, before: Decimal): void {
  if (isZero(remaining(order))) {
    endOrder(turn, order, 'filled', null);
    return;
  }
  if (executable(turn, order) === null) {
    endOrder(turn, order, 'cancelled', 'position_closed');
    return;
  }
  if (order.timeInForce === 'ioc') {
    endOrder(turn, order, 'cancelled', 'ioc');
    return;
  }
  if (order.filledSize !== before) pushOrder(turn, order);
}
