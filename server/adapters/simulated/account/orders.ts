import type { VenueEnding } from '../../../../shared/domain/cause.ts';
import { type Decimal, min, sub } from '../../../../shared/domain/decimal.ts';
import { isProtectiveStop, type LiveOrder, newId, orderView, type VenueTurn } from './state.ts';

export const remaining = (order: LiveOrder): Decimal => sub(order.size, order.filledSize);

export function pushOrder(turn: VenueTurn, order: LiveOrder): void {
  order.ts = turn.now;
  turn.out.push({ type: 'order', accountId: turn.state.accountId, order: orderView(order) });
}

/** Takes the order off the book with its last status. */
export function endOrder(
  turn: VenueTurn,
  order: LiveOrder,
  status: LiveOrder['status'],
  reason: VenueEnding | null,
): void {
  const index = turn.state.orders.indexOf(order);
  if (index < 0) return;
  turn.state.orders.splice(index, 1);
  order.status = status;
  order.reason = reason;
  pushOrder(turn, order);
}

export function cancelWhere(
  turn: VenueTurn,
  reason: VenueEnding,
  matches: (order: LiveOrder) => boolean,
): void {
  for (const order of turn.state.orders.filter(matches)) endOrder(turn, order, 'cancelled', reason);
}

/** A flat symbol has nothing left to reduce: its stops and reduce-only orders go. */
export function cancelClosers(turn: VenueTurn, symbol: string, except: LiveOrder | undefined): void {
  cancelWhere(
    turn,
    'position_closed',
    (order) => order.symbol === symbol && order.reduceOnly && order !== except,
  );
}

export const protectiveStops = (turn: VenueTurn, symbol: string): LiveOrder[] =>
  turn.state.orders.filter((order) => order.symbol === symbol && isProtectiveStop(order));

/** After a fill of an entry: its attached stop comes to rest, or grows with the fill. */
export function restAttachedStop(turn: VenueTurn, entry: LiveOrder): void {
  const attached = entry.attachedStop;
  const position = turn.state.positions[entry.symbol];
  if (attached === null || position === undefined) return;
  if ((position.direction === 'long') !== (entry.side === 'buy')) return;
  const { capabilities } = turn.profile;
  const stops = protectiveStops(turn, entry.symbol);
  const own = stops.find((stop) => stop.venueOrderId === entry.stopOrderId);
  const rest = own ?? (capabilities.positionStops === 'one' ? stops[0] : undefined);
  // Where a position has one stop it guards all of it; where it has many, each guards its own entry.
  const wholePosition = !capabilities.sizedStop || capabilities.positionStops === 'one';
  const size = wholePosition ? position.size : min(entry.filledSize, position.size);
  if (rest !== undefined) {
    rest.size = size;
    rest.triggerPrice = own === undefined ? attached.triggerPrice : rest.triggerPrice;
    rest.triggerBy = own === undefined ? attached.triggerBy : rest.triggerBy;
    entry.stopOrderId = rest.venueOrderId;
    pushOrder(turn, rest);
    return;
  }
  const stop: LiveOrder = {
    venueOrderId: newId(turn.state, 'o'),
    clientOrderId: null,
    parentClientOrderId: entry.clientOrderId,
    replacesOrderId: null,
    becameOrderId: null,
    symbol: entry.symbol,
    side: entry.side === 'buy' ? 'sell' : 'buy',
    type: 'stop_market',
    size,
    price: null,
    triggerPrice: attached.triggerPrice,
    triggerBy: attached.triggerBy,
    reduceOnly: true,
    status: 'open',
    filledSize: '0' as Decimal,
    reason: null,
    ts: turn.now,
    timeInForce: 'gtc',
    attachedStop: null,
    stopOrderId: null,
  };
  entry.stopOrderId = stop.venueOrderId;
  turn.state.orders.push(stop);
  pushOrder(turn, stop);
}

/** Where stops have no size of their own they always guard the whole position. */
export function resizeUnsizedStops(turn: VenueTurn, symbol: string): void {
  const position = turn.state.positions[symbol];
  if (turn.profile.capabilities.sizedStop || position === undefined) return;
  for (const stop of protectiveStops(turn, symbol)) {
    if (stop.size === position.size) continue;
    stop.size = position.size;
    pushOrder(turn, stop);
  }
}
