import { lt, ZERO } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order, opposite } from '../../../shared/domain/order.ts';
import type { VenueCursors, VenueOrder } from '../../ports/venue.ts';
import { lookUp } from '../ask/lookUp.ts';
import { readAccount } from '../ask/readAccount.ts';
import {
  type AccountState,
  findByVenueOrderId,
  hasForeign,
  newestCursors,
  openOrders,
  positionOf,
  sizeShown,
} from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { mayBeStop, possibleStops } from '../ledger/orderOfFill.ts';
import { recordBill } from '../ledger/recordBill.ts';
import { reportForeign } from '../ledger/reportForeign.ts';
import { takeFill } from '../ledger/takeFill.ts';
import { addOrder, writeOrder } from '../order/writeOrder.ts';
import { stopRests } from '../protection/guardPosition.ts';
import type { Turn } from '../turn/turn.ts';
import { bookAndSettle } from './bookAndSettle.ts';
import { knowOrder } from './orderAnswers.ts';

export function venueFillSeen(
  turn: Turn,
  state: AccountState,
  { fill, ingestedAt }: InputOf<'VenueFillSeen'>,
): void {
  if (isAhead(turn, state, 'fills', fill.cursor) || mayBeStop(turn.desk, state.account.accountId, fill)) {
    readAccount(turn, state);
    return;
  }
  if (takeFill(turn, state, fill, ingestedAt)) bookAndSettle(turn, state, fill.symbol);
}

export function venueBillSeen(turn: Turn, state: AccountState, { bill }: InputOf<'VenueBillSeen'>): void {
  if (isAhead(turn, state, 'bills', bill.cursor)) readAccount(turn, state);
  else recordBill(turn, state, bill);
}

/** It overtook what came before it, or that was lost: booked out of order, costs would not be the venue's. */
function isAhead(turn: Turn, state: AccountState, of: keyof VenueCursors, cursor: number): boolean {
  const isDense = turn.context.venue(state.account.venue)?.capabilities.denseCursors === true;
  return isDense && cursor > newestCursors(state)[of] + 1;
}

/** An order as the venue pushed it: ours by our id, by one of the venue's, or as the stop of an entry of ours. */
export function venueOrderSeen(
  turn: Turn,
  state: AccountState,
  { order: seen }: InputOf<'VenueOrderSeen'>,
): void {
  const order = ownOrder(turn, state, seen);
  if (order === undefined) {
    strangeOrder(turn, state, seen);
    return;
  }
  const isBehind = seen.filledSize !== ZERO && seen.filledSize !== order.filledSize && isOpen(order);
  knowOrder(turn, state, order, seen);
  // It filled more than our fills say: one was lost on the way.
  const current = turn.desk.orders.get(order.orderId);
  if (isBehind && current !== undefined && lt(current.filledSize, seen.filledSize)) readAccount(turn, state);
}

export function ownOrder(turn: Turn, state: AccountState, seen: VenueOrder): Order | undefined {
  const own = seen.clientOrderId === null ? undefined : turn.desk.orders.get(seen.clientOrderId);
  if (own !== undefined && own.accountId === state.account.accountId) return own;
  const { accountId } = state.account;
  const { venueOrderId, replacesOrderId } = seen;
  const known = findByVenueOrderId(turn.desk, accountId, venueOrderId);
  if (known !== undefined || replacesOrderId === null) return known;
  return findByVenueOrderId(turn.desk, accountId, replacesOrderId);
}

const isLive = (seen: VenueOrder): boolean => seen.status === 'open' || seen.status === 'partially_filled';

/** Nothing of ours by id: the stop the venue made of an entry of ours is adopted, anything else is foreign. */
function strangeOrder(turn: Turn, state: AccountState, seen: VenueOrder): void {
  const adopted = adoptStop(turn, state, seen);
  if (adopted || !isLive(seen) || askWhoFired(turn, state, seen)) return;
  adoptForeign(turn, state, seen);
}

/**
 * A stop of ours may have fired and become it, and the word of that been lost: the venue is asked. What is nobody's then, readings
 * show.
 */
function askWhoFired(turn: Turn, state: AccountState, seen: VenueOrder): boolean {
  const { clientOrderId, type, reduceOnly, symbol, side, size } = seen;
  if (clientOrderId !== null || type !== 'market' || reduceOnly === false) return false;
  const { accountId, venue } = state.account;
  const stops = possibleStops(turn.desk, accountId, { symbol, side, size: size ?? ZERO });
  for (const stop of stops) lookUp(turn, venue, stop);
  if (stops.length > 0) readAccount(turn, state);
  return stops.length > 0;
}

/**
 * The venue made a stop out of an attached one: it becomes an order of ours, known by the venue's id. Without a parent
 * id it must be the only candidate: right symbol, right side, at the wanted price.
 */
export function adoptStop(turn: Turn, state: AccountState, seen: VenueOrder): boolean {
  if (seen.type !== 'stop_market') return false;
  const position = positionOf(turn.desk, state.account.accountId, seen.symbol);
  const parent =
    seen.parentClientOrderId === null ? undefined : turn.desk.orders.get(seen.parentClientOrderId);
  // One that a venue made of ours has no id that somebody gave it, and reduces only.
  const isMade = seen.clientOrderId === null && seen.reduceOnly !== false;
  const matches =
    isMade &&
    position?.stop != null &&
    position.stop.orderId === null &&
    position.stop.triggerPrice === seen.triggerPrice &&
    (position.direction === 'long') === (seen.side === 'sell');
  const entry = parent ?? (isMade ? awaiting(turn, state, seen) : undefined);
  if (entry === undefined && !matches) return false;
  const order = orderFromVenue(turn, state, seen, {
    orderId: turn.id('adopted', state.account.accountId, seen.venueOrderId),
    botId: entry?.botId ?? position?.botId ?? null,
    purpose: 'stop',
    slot: 'stop',
    // As it was asked for, where the venue does not say.
    reduceOnly: seen.reduceOnly ?? true,
    triggerBy: seen.triggerBy ?? entry?.attachedStop?.triggerBy ?? null,
    size: entry?.size ?? position?.size ?? ZERO,
  });
  addOrder(turn, order);
  knowOrder(turn, state, order, seen);
  const current = turn.desk.orders.get(order.orderId);
  const held = positionOf(turn.desk, state.account.accountId, seen.symbol);
  if (current !== undefined && isOpen(current) && held?.stop != null && held.stop.orderId === null) {
    stopRests(turn, state, current, seen.ts);
    bookAndSettle(turn, state, seen.symbol);
  }
  return true;
}

/** The entry, its fill not told yet, that this stop was made of: the only one that asked for a stop at this price. */
function awaiting(turn: Turn, state: AccountState, seen: VenueOrder): Order | undefined {
  const entries = [...openOrders(turn.desk, state.account.accountId, seen.symbol)].filter(
    (order) => order.attachedStop?.triggerPrice === seen.triggerPrice && order.side === opposite(seen.side),
  );
  return entries.length === 1 ? entries[0] : undefined;
}

/** Working orders that are not ours are shown and can be cancelled by hand; entries freeze. */
export function adoptForeign(turn: Turn, state: AccountState, seen: VenueOrder): void {
  const order = orderFromVenue(turn, state, seen, {
    orderId: turn.id('foreign', state.account.accountId, seen.venueOrderId),
    botId: null,
    purpose: seen.type === 'stop_market' && seen.reduceOnly === true ? 'stop' : 'manual',
    slot: '',
    foreign: true,
    // What may open a position counts as what does.
    reduceOnly: seen.reduceOnly ?? false,
    triggerBy: seen.triggerBy,
    size: ZERO,
  });
  const isKnown = hasForeign(turn.desk, state.account.accountId, seen.symbol);
  addOrder(turn, order);
  writeOrder(turn, order, { ...order, status: 'open' });
  const { side, size, symbol } = order;
  reportForeign(turn, state, { code: 'order', figures: { side, size, symbol } }, isKnown);
}

/** An order that the venue has and our log did not, with what we know of it. */
function orderFromVenue(
  turn: Turn,
  state: AccountState,
  seen: VenueOrder,
  /** Its size, where the venue tells none. */
  ours: Pick<
    Order,
    'orderId' | 'botId' | 'purpose' | 'slot' | 'foreign' | 'reduceOnly' | 'triggerBy' | 'size'
  >,
): Order & { status: 'submitting' } {
  const { venueOrderId, symbol, side, type, price, triggerPrice } = seen;
  return {
    ...ours,
    ...{ venueOrderId, symbol, side, type, price, triggerPrice },
    size: sizeShown(turn.desk, state.account.accountId, seen, ours.size),
    accountId: state.account.accountId,
    timeInForce: 'gtc',
    attachedStop: null,
    status: 'submitting',
    cancelRequested: false,
    unanswered: false,
    shownAt: null,
    filledSize: ZERO,
    filledNotional: ZERO,
    feePaid: ZERO,
    reason: null,
    notAfter: null,
    createdAt: turn.wallTime,
    updatedAt: turn.wallTime,
  };
}
