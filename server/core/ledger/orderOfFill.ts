import { gt, sub } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { VenueFill } from '../../ports/venue.ts';
import { type Desk, findByVenueOrderId, openOrders, positionOf } from '../desk.ts';
import { awaitsSettings } from '../order/awaitsSettings.ts';
import { endsAtOnce } from '../order/submit.ts';

/** Ids of the orders that a reading of the account showed as working; undefined: nothing was read. */
export type Listed = ReadonlySet<string> | undefined;

/**
 * Whose execution it is: by our id, by the venue's, then the only stop that can have made it: of those where the venue
 * says that a stop fired, else of those that are gone from its list.
 */
export function orderOfFill(
  desk: Desk,
  accountId: string,
  seen: VenueFill,
  listed: Listed,
): Order | undefined {
  return namedOrder(desk, accountId, seen) ?? firedStop(desk, accountId, seen, listed);
}

/** By an order, as far as the venue says why it traded. */
const isOrdered = ({ source }: VenueFill): boolean => source === 'order' || source === null;

/** The order that the fill names, by our id or by the venue's. */
function namedOrder(desk: Desk, accountId: string, seen: VenueFill): Order | undefined {
  const named = seen.clientOrderId === null ? undefined : desk.orders.get(seen.clientOrderId);
  // The fill of an attached stop may carry the id of the entry it came with.
  const own = named?.accountId === accountId && named.side === seen.side ? named : undefined;
  if (own !== undefined && seen.source === 'order') return own;
  return findByVenueOrderId(desk, accountId, seen.venueOrderId) ?? own;
}

/**
 * Whether it may be the work of an order of ours that has no name at the venue yet, or is given another, and whose answer has
 * not come, or of the stop of an entry whose own fill has not: a fill may be faster, and name nothing that we know.
 */
export function mayBeUnanswered(desk: Desk, accountId: string, seen: VenueFill): boolean {
  const isOurs = isOrdered(seen) || seen.source === 'stop';
  // An id that is none of ours: whoever traded, it was somebody else.
  if (!isOurs || seen.clientOrderId !== null) return false;
  if (namedOrder(desk, accountId, seen) !== undefined) return false;
  const isFlat = positionOf(desk, accountId, seen.symbol) === undefined;
  for (const order of openOrders(desk, accountId, seen.symbol)) {
    if (awaitsSettings(order)) continue;
    if (order.side !== seen.side) {
      // Taken, it has filled by now: its stop may have fired before we hear of that.
      const hasStop = order.attachedStop !== null && order.venueOrderId !== null;
      if (isFlat && hasStop && endsAtOnce(order)) return true;
      continue;
    }
    if (order.venueOrderId !== null && !isBeingRenamed(desk, order)) continue;
    if (isOrdered(seen) || order.purpose === 'stop') return true;
  }
  return false;
}

/** A change of it is on its way or was not answered: the venue may know it by another id by now. */
function isBeingRenamed(desk: Desk, { accountId, symbol, orderId, amending }: Order): boolean {
  if (amending !== undefined) return amending.accepted !== true;
  const stop = positionOf(desk, accountId, symbol)?.stop;
  return stop?.state === 'replacing' && stop.orderId === orderId;
}

/**
 * Whether, of no order that we know and without a word why, it closes a position whose stop came with its entry and was never
 * shown to us: that stop, then.
 */
export function isOfUnseenStop(desk: Desk, accountId: string, seen: VenueFill): boolean {
  if (seen.source !== null || seen.clientOrderId !== null) return false;
  const position = positionOf(desk, accountId, seen.symbol);
  const isClosing = position !== undefined && (position.direction === 'long') === (seen.side === 'sell');
  return isClosing && position.stop?.state === 'attached' && position.stop.orderId === null;
}

function firedStop(desk: Desk, accountId: string, seen: VenueFill, listed: Listed): Order | undefined {
  if (seen.source !== 'stop' && !isOrdered(seen)) return undefined;
  // It carries an id that is none of ours: whatever fired was somebody else's.
  if (seen.clientOrderId !== null && !desk.orders.has(seen.clientOrderId)) return undefined;
  const stops = possibleStops(desk, accountId, seen).filter(
    (stop) => seen.source === 'stop' || hasVanished(desk, stop, listed),
  );
  return stops.length === 1 ? stops[0] : undefined;
}

/** Whether it may turn out to be the work of a stop of ours, once the account was read: until then it is nobody's. */
export function mayBeStop(desk: Desk, accountId: string, seen: VenueFill): boolean {
  const isNamed = !isOrdered(seen) || seen.clientOrderId !== null;
  if (isNamed || orderOfFill(desk, accountId, seen, undefined) !== undefined) return false;
  return possibleStops(desk, accountId, seen).length > 0;
}

/** Stops of ours that may have made a fill, or become an order, of this side and size. */
export function possibleStops(
  desk: Desk,
  accountId: string,
  seen: Pick<VenueFill, 'symbol' | 'side' | 'size'>,
): Order[] {
  const position = positionOf(desk, accountId, seen.symbol);
  if (position !== undefined && (position.direction === 'long') !== (seen.side === 'sell')) return [];
  const stops: Order[] = [];
  for (const stop of desk.orders.values()) {
    const isOfPosition = stop.accountId === accountId && stop.symbol === seen.symbol;
    if (stop.purpose !== 'stop' || !isOfPosition) continue;
    // Without a position what its entry filled is still to be told.
    if (position !== undefined && stop.botId !== position.botId) continue;
    if (stop.side !== seen.side || stop.foreign === true || stop.venueOrderId === null) continue;
    // What it became has its own name.
    if (stop.becameOrderId !== undefined) continue;
    const mayStillFill = isOpen(stop) || position?.stop?.orderId === stop.orderId;
    if (mayStillFill && !gt(seen.size, sub(stop.size, stop.filledSize))) stops.push(stop);
  }
  return stops;
}

/** It is not among what works at the venue any more, or is known to have fired. */
function hasVanished(desk: Desk, stop: Order, listed: Listed): boolean {
  if (listed !== undefined) return stop.venueOrderId !== null && !listed.has(stop.venueOrderId);
  const position = positionOf(desk, stop.accountId, stop.symbol);
  return position?.stop?.state === 'triggered' && position.stop.orderId === stop.orderId;
}
