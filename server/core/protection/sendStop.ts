import { because, type Cause } from '../../../shared/domain/cause.ts';
import { add, type Decimal, eq, lt, ZERO } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { isOpen, type Order, opposite } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { VenueFacts } from '../context.ts';
import { type AccountState, openOrders, stopShortSince, stopSince } from '../desk.ts';
import { notAfter, submitOrder } from '../order/submit.ts';
import { writeOrder } from '../order/writeOrder.ts';
import { sizeLeft } from '../risk/incoming.ts';
import { unprotectedFrom } from '../rules/unprotected.ts';
import { hasPassed } from '../turn/age.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { isCrossed, isLooser, onTick, stopSize } from './stopFault.ts';
import { dropStopByHand, setStop, stopFailed } from './stopState.ts';

/**
 * Who asked for a stop: one that was set by hand and is refused leaves the position as it was. `stop_by_hand_again`: the
 * same, after it was refused for now.
 */
export type StopSlot = 'stop' | 'stop_by_hand' | 'stop_by_hand_again';

/** Sends a stop of its own for the whole position. Where the mark has passed it, the position is closed instead. */
export function placeStop(
  turn: Turn,
  state: AccountState,
  position: Position,
  wanted: Decimal,
  slot: StopSlot = 'stop',
): void {
  const { venue } = state.account;
  const instrument = turn.context.instrument(venue, position.symbol);
  const triggerPrice = onTick(position.direction, wanted, instrument);
  const orderId = turn.id('stop', position.symbol, turn.desk.seq);
  const size = firstSize(turn, state, position, instrument);
  const naked: Position = {
    ...position,
    stop: { state: 'placing', orderId, triggerPrice, size },
    ...unprotectedFrom(position, turn.context.marketTime(venue)),
    updatedAt: turn.wallTime,
  };
  turn.emit('PositionChanged', { position: naked, trade: null });
  const mark = turn.context.quote(venue, position.symbol)?.mark;
  if (mark !== undefined && isCrossed(position.direction, triggerPrice, mark)) {
    const reason = because('mark_passed', { mark, price: triggerPrice });
    if (slot === 'stop') stopFailed(turn, state, naked, reason);
    else dropStopByHand(turn, naked, reason);
    return;
  }
  submitStop(turn, state, position, { orderId, triggerPrice, size, slot });
}

/** A stop that can be neither moved nor joined by another must cover what the entry may fill yet: it only reduces. */
function firstSize(
  turn: Turn,
  state: AccountState,
  position: Position,
  instrument: Instrument | undefined,
): Decimal {
  const facts = turn.context.venue(state.account.venue);
  if (facts === undefined || canMoveStop(facts)) return stopSize(position, instrument);
  let size: Decimal = position.size;
  for (const order of openOrders(turn.desk, position.accountId, position.symbol))
    if (!order.reduceOnly) size = add(size, sizeLeft(order));
  return stopSize({ size }, instrument);
}

function submitStop(
  turn: Turn,
  state: AccountState,
  position: Position,
  {
    orderId,
    triggerPrice,
    size,
    slot,
  }: { orderId: string; triggerPrice: Decimal; size: Decimal; slot: StopSlot },
): void {
  submitOrder(turn, state, {
    orderId,
    botId: position.botId,
    symbol: position.symbol,
    side: opposite(position.direction === 'long' ? 'buy' : 'sell'),
    type: 'stop_market',
    purpose: 'stop',
    slot,
    size,
    price: null,
    triggerPrice,
    timeInForce: 'gtc',
    reduceOnly: true,
    attachedStop: null,
  });
}

/** Whether a resting stop can be moved at all without a moment in which there is none. */
export function canMoveStop(facts: VenueFacts): boolean {
  return facts.capabilities.amendStop || facts.capabilities.positionStops === 'many';
}

/** For how much the stop that rests is to be from now on. */
export function sizeWanted(
  turn: Turn,
  position: Position,
  resting: Order,
  instrument: Instrument | undefined,
): Decimal {
  const size = stopSize(position, instrument);
  // As nearly always: no order needs to be looked through.
  if (eq(size, resting.size)) return size;
  const coming = comingIn(turn, position);
  if (coming === null) return size;
  // The venue knows fills of the entry that we do not: made smaller now, the stop would leave them without one.
  if (lt(size, resting.size)) return resting.size;
  // Nor may it be made larger by less than may be filled by the time the change arrives there.
  return stopSize({ size: add(position.size, coming) }, instrument);
}

/** How long fills of an entry that ended short of its size may be on their way, wall ms. */
const LATE_FILLS_MS = 10_000;

/** What entries that carry a stop may still fill: those that work, or ended just now short of their size; null: none does. */
function comingIn(turn: Turn, { accountId, symbol, direction }: Position): Decimal | null {
  let coming: Decimal | null = null;
  for (const order of turn.desk.orders.values()) {
    if (order.accountId !== accountId || order.symbol !== symbol || order.attachedStop === null) continue;
    const adds = !order.reduceOnly && (order.side === 'buy') === (direction === 'long');
    const isShort = lt(order.filledSize, order.size) && !hasPassed(turn, order.updatedAt, LATE_FILLS_MS);
    if (adds && (isOpen(order) || isShort)) coming = add(coming ?? ZERO, sizeLeft(order));
  }
  return coming;
}

/** Amended in place where the venue can; else a new one first, and the old one cancelled once the new one is shown. */
export function replaceStop(
  turn: Turn,
  state: AccountState,
  facts: VenueFacts,
  position: Position,
  order: Order,
): void {
  if (position.stop === null || order.triggerPrice === null) return;
  const { venue } = state.account;
  if (!canMoveStop(facts)) {
    keepWhatRests(turn, state, facts, position, { ...order, triggerPrice: order.triggerPrice });
    return;
  }
  const instrument = turn.context.instrument(venue, position.symbol);
  const triggerPrice = onTick(position.direction, position.stop.triggerPrice, instrument);
  const mark = turn.context.quote(venue, position.symbol)?.mark;
  if (mark !== undefined && isCrossed(position.direction, triggerPrice, mark)) {
    // No venue takes it there any more. Meant for a price that is gone: what rests, rests.
    if (!eq(triggerPrice, order.triggerPrice))
      setStop(turn, position, 'resting', { triggerPrice: order.triggerPrice, size: order.size });
    return;
  }
  const size = sizeWanted(turn, position, order, instrument);
  setStop(turn, position, 'replacing', { triggerPrice, size });
  if (facts.capabilities.amendStop) {
    const change = { triggerPrice, ...(facts.capabilities.sizedStop ? { size } : {}) };
    turn.effect({ type: 'AmendOrder', venue, order, change, notAfter: notAfter(turn, venue) });
    return;
  }
  const orderId = turn.id('stop', position.symbol, turn.desk.seq);
  submitStop(turn, state, position, { orderId, triggerPrice, size, slot: 'stop' });
}

/** One stop only and no amending: it stays, and is shown, as it rests. One that protects too little closes the position. */
function keepWhatRests(
  turn: Turn,
  state: AccountState,
  facts: VenueFacts,
  position: Position,
  order: Order & { triggerPrice: Decimal },
): void {
  if (position.stop === null) return;
  const { triggerPrice: rests } = order;
  if (isLooser(position.direction, rests, position.stop.triggerPrice)) {
    stopFailed(turn, state, position, because('stop_looser', { price: rests }));
    return;
  }
  if (!eq(position.stop.triggerPrice, rests) || !eq(position.stop.size, order.size)) {
    if (!eq(position.stop.triggerPrice, rests)) sayMoved(turn, order, position.stop.triggerPrice);
    setStop(turn, position, 'resting', { triggerPrice: rests, size: order.size });
    return;
  }
  // A venue may tell of what was added before it tells of the stop that grew with it.
  const since = stopShortSince(turn.desk, position);
  const isDue = since !== null && hasPassed(turn, since, turn.context.settings.stopReadBackMs);
  if (!isDue || !facts.capabilities.sizedStop || !lt(order.size, position.size)) return;
  const isShort = because('stop_too_small', { size: order.size, of: position.size });
  if (position.botId !== null) stopFailed(turn, state, position, isShort);
  else sayDiffers(turn, order, 'warning', isShort);
}

/** The venue has it elsewhere, where it stays: it protects more, and cannot be moved back. */
function sayMoved(turn: Turn, order: Order, wanted: Decimal): void {
  raiseAlert(turn, {
    alertId: `stop_moved:${order.accountId}:${order.symbol}`,
    severity: 'warning',
    code: 'stop_moved',
    figures: { symbol: order.symbol, shown: order.triggerPrice ?? wanted, wanted },
    accountId: order.accountId,
    botId: order.botId,
  });
}

/** Says how the stop at the venue is not what it is meant to be. */
export function sayDiffers(turn: Turn, order: Order, severity: 'warning' | 'critical', cause: Cause): void {
  raiseAlert(turn, {
    alertId: `stop_differs:${order.accountId}:${order.symbol}`,
    severity,
    code: 'stop_differs',
    figures: { symbol: order.symbol, cause },
    accountId: order.accountId,
    botId: order.botId,
  });
}

/** A move whose answer is overdue is asked for again, aloud: meanwhile the stop rests where it was. */
export function retryMove(turn: Turn, state: AccountState, position: Position): void {
  const order = position.stop?.orderId == null ? undefined : turn.desk.orders.get(position.stop.orderId);
  const facts = turn.context.venue(state.account.venue);
  if (facts?.capabilities.amendStop !== true || order === undefined || !isOpen(order)) return;
  // Fills that go on coming say nothing of the move.
  const askedAt = Math.max(stopSince(turn.desk, position), order.updatedAt);
  if (!hasPassed(turn, askedAt, turn.context.settings.stopReadBackMs)) return;
  const asked = writeOrder(turn, order, { ...order, updatedAt: turn.wallTime });
  if (order.triggerPrice !== null)
    sayDiffers(turn, order, 'warning', because('stop_not_moved', { price: order.triggerPrice }));
  replaceStop(turn, state, facts, position, asked);
}
