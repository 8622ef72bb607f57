import { because } from '../../../shared/domain/cause.ts';
import { type Decimal, eq, lt, ZERO } from '../../../shared/domain/decimal.ts';
import type { Order, OrderPurpose, OrderType, Side, TimeInForce } from '../../../shared/domain/order.ts';
import { isPositionInDoubt } from '../ask/shownAgain.ts';
import { type AccountState, positionOf, type SymbolSettings } from '../desk.ts';
import { isBelowMinima } from '../rules/leastSize.ts';
import type { Turn } from '../turn/turn.ts';
import { addOrder, writeOrder } from './writeOrder.ts';

export interface NewOrder {
  orderId: string;
  botId: string | null;
  symbol: string;
  side: Side;
  type: OrderType;
  purpose: OrderPurpose;
  slot: string;
  size: Decimal;
  price: Decimal | null;
  triggerPrice: Decimal | null;
  timeInForce: TimeInForce;
  reduceOnly: boolean;
  attachedStop: Order['attachedStop'];
  takeProfitPrice?: Decimal;
  /** What the symbol is to be set to at the venue before the order leaves. */
  settings?: SymbolSettings;
}

/** Writes the intent down and asks for it to be sent: in this order, with a commit between. */
export function submitOrder(turn: Turn, state: AccountState, request: NewOrder): Order {
  const { venue, accountId } = state.account;
  // Written out: a copy that grows field by field is several times dearer.
  const order: Order & { status: 'submitting' } = {
    orderId: request.orderId,
    botId: request.botId,
    symbol: request.symbol,
    side: request.side,
    type: request.type,
    purpose: request.purpose,
    slot: request.slot,
    size: request.size,
    price: request.price,
    triggerPrice: request.triggerPrice,
    timeInForce: request.timeInForce,
    reduceOnly: request.reduceOnly,
    attachedStop: request.attachedStop,
    venueOrderId: null,
    accountId,
    triggerBy: request.type === 'stop_market' ? 'mark' : null,
    status: 'submitting',
    cancelRequested: false,
    unanswered: false,
    shownAt: null,
    filledSize: ZERO,
    filledNotional: ZERO,
    feePaid: ZERO,
    reason: request.settings === undefined ? null : because('awaits_settings', {}),
    notAfter: notAfter(turn, venue),
    createdAt: turn.wallTime,
    updatedAt: turn.wallTime,
  };
  if (request.takeProfitPrice !== undefined) order.takeProfitPrice = request.takeProfitPrice;
  addOrder(turn, order);
  if (request.settings === undefined) sendOrder(turn, venue, order);
  else {
    const { leverage, marginMode } = request.settings;
    turn.effect({ type: 'ConfigureSymbol', accountId, venue, symbol: order.symbol, leverage, marginMode });
  }
  return order;
}

/** Past it the venue refuses what is sent now, so that a look-up which finds nothing is conclusive; market ms. */
export function notAfter(turn: Turn, venue: string): number | null {
  const facts = turn.context.venue(venue);
  return facts === undefined ? null : turn.context.marketTime(venue) + facts.writeWindowMs;
}

/** Whether it is to close all of a position that the venue takes no order for, and that it closes itself. */
function isTooSmall(turn: Turn, venue: string, { accountId, symbol, purpose, size }: Order): boolean {
  const { closesPosition, minimaBindCloses } = turn.context.venue(venue)?.capabilities ?? {};
  if (purpose !== 'close' || closesPosition !== true || minimaBindCloses !== true) return false;
  const instrument = turn.context.instrument(venue, symbol);
  const price = turn.context.quote(venue, symbol)?.mark;
  const held = positionOf(turn.desk, accountId, symbol)?.size;
  if (instrument === undefined || held === undefined || !eq(held, size)) return false;
  return price === undefined ? lt(size, instrument.minSize) : isBelowMinima(size, instrument, price);
}

/** Asks for an order that is written down to be sent, without what the venue cannot take. */
export function sendOrder(turn: Turn, venue: string, order: Order): void {
  const attaches = turn.context.venue(venue)?.capabilities.attachedStop === true;
  const sent = attaches ? order : { ...order, attachedStop: null };
  if (isTooSmall(turn, venue, order))
    turn.effect({ type: 'PlaceOrder', venue, order: sent, closesPosition: true });
  else turn.effect({ type: 'PlaceOrder', venue, order: sent });
}

/**
 * Whether a stop of a position that is gone from the books may be cancelled: not while an entry it may belong to works,
 * nor before the books were compared with the venue, nor while a reading shows a position. Either may hold exposure that we
 * do not know of yet.
 */
export function mayLoseStop(state: AccountState, stop: Order, working: readonly Order[]): boolean {
  const mayFill = working.some(
    ({ reduceOnly, botId, symbol }) => !reduceOnly && botId === stop.botId && symbol === stop.symbol,
  );
  return state.account.status === 'ready' && !mayFill && !isPositionInDoubt(state, stop.symbol);
}

/** Asks the venue to cancel; repeated while unanswered only by the caller's own timing. */
export function requestCancel(turn: Turn, state: AccountState, order: Order): void {
  if (order.cancelRequested) return;
  // What was refused of an earlier request does not count for this one.
  const { cancelRefused: _, ...rest } = order;
  const next = writeOrder(turn, order, { ...rest, cancelRequested: true, updatedAt: turn.wallTime });
  // On its way: cancelled once it was answered, or its answer is lost.
  if (isCancellable(order)) turn.effect({ type: 'CancelOrder', venue: state.account.venue, order: next });
}

/** Whether the venue may have it by now: one whose answer was lost it knows by our id alone. */
export const isCancellable = ({ venueOrderId, status }: Order): boolean =>
  venueOrderId !== null || status === 'unknown';

/** Whether it rests at no venue: what is not filled at once is over. */
export const endsAtOnce = ({ type, timeInForce }: Pick<Order, 'type' | 'timeInForce'>): boolean =>
  type === 'market' || timeInForce === 'ioc' || timeInForce === 'fok';
