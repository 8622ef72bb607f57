import type { Cause } from '../../../shared/domain/cause.ts';
import { type Decimal, eq, isZero } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { readAccount } from '../ask/readAccount.ts';
import type { VenueFacts } from '../context.ts';
import { type AccountState, openOrders, positionOf, stopSince } from '../desk.ts';
import { PERSISTENT_RETRY_MS } from '../order/cancelRefused.ts';
import { flatten } from '../order/flatten.ts';
import { refusedInARow } from '../order/lastClosed.ts';
import { requestCancel } from '../order/submit.ts';
import { entryPrice, lossSide } from '../rules/priceSides.ts';
import { unprotectedFrom } from '../rules/unprotected.ts';
import { hasPassed } from '../turn/age.ts';
import { resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { canMoveStop, placeStop, replaceStop, sayDiffers, sizeWanted } from './sendStop.ts';
import { isSound, stopFault } from './stopFault.ts';
import { setStop, stopFailed } from './stopState.ts';
import { tightenStop, watchLiquidation } from './tightenStop.ts';
import { replacedStops, verifyStop } from './verifyStop.ts';

/**
 * Brings the resting stop of a position to what is wanted: placed where none is, resized and moved in the way the venue
 * allows, never taken away first. Called after everything that changes the position, its stop or our knowledge of it.
 */
export function guardPosition(turn: Turn, state: AccountState, symbol: string): void {
  const position = positionOf(turn.desk, state.account.accountId, symbol);
  const facts = turn.context.venue(state.account.venue);
  if (position === undefined || isZero(position.size) || facts === undefined) return;
  // Not ours to look after until its owner adopts it.
  if (position.foreign === true) return;
  const stop = position.stop;
  if (stop === null) {
    placeFirstStop(turn, state, position);
    return;
  }
  const order = stop.orderId === null ? undefined : turn.desk.orders.get(stop.orderId);
  watchLiquidation(turn, state, position, order);
  switch (stop.state) {
    case 'attached': {
      // The stop may have been told before the fill that made it.
      const known = [...openOrders(turn.desk, state.account.accountId, symbol)].find(
        (other) => isSound(position, other) && other.triggerPrice === stop.triggerPrice,
      );
      if (known !== undefined) stopRests(turn, state, known);
      return;
    }
    case 'placing':
    case 'replacing':
    case 'triggered':
      // In flight: its answer, a push or a read brings it on.
      return;
    case 'none':
      placeAgain(turn, state, position, stop.triggerPrice, order);
      return;
    case 'failed':
      flatten(turn, state, symbol, 'stop_failed');
      return;
    case 'resting':
      if (order === undefined || !isOpen(order)) {
        // It ended without us: fired, or cancelled by somebody. What the venue has decides.
        const now = turn.context.marketTime(state.account.venue);
        const fired = order?.status === 'filled';
        setStop(turn, fired ? position : { ...position, ...unprotectedFrom(position, now) }, 'triggered');
        readAccount(turn, state);
        return;
      }
      keepAsWanted(turn, state, facts, position, order);
  }
}

function keepAsWanted(
  turn: Turn,
  state: AccountState,
  facts: VenueFacts,
  position: Position,
  order: Order,
): void {
  // What cannot be moved stays where it rests.
  const isMovable = canMoveStop(facts) && !wasMoveJustRefused(turn, position);
  const wanted = isMovable ? tightenStop(turn, state, position) : position;
  if (wanted === null) return;
  if (needsChange(turn, state, order, wanted, facts)) replaceStop(turn, state, facts, wanted, order);
  else resolveAlert(turn, `stop_differs:${order.accountId}:${order.symbol}`);
}

/** Stops of this position that the venue refused lately, one after the other, newest first. */
export function refusedStops(turn: Turn, accountId: string, symbol: string): Order[] {
  return refusedInARow(turn.desk, accountId, symbol, (order) => order.purpose === 'stop');
}

/** Whether a stop was set by hand on a position that had none, and not by the engine. */
export const isByHand = (stop: Order): boolean => stop.slot.startsWith('stop_by_hand');

/**
 * A venue that says "not now" is asked again at the next look, not at once: it would only say so again. `before`: the one
 * that was refused, where that was set by hand.
 */
function placeAgain(
  turn: Turn,
  state: AccountState,
  position: Position,
  triggerPrice: Decimal,
  before: Order | undefined,
): void {
  const [last] = refusedStops(turn, position.accountId, position.symbol);
  const { closeRetryMs } = turn.context.settings;
  if (last !== undefined && !hasPassed(turn, last.updatedAt, closeRetryMs)) return;
  const slot = before !== undefined && isByHand(before) ? 'stop_by_hand_again' : 'stop';
  placeStop(turn, state, position, triggerPrice, slot);
}

function placeFirstStop(turn: Turn, state: AccountState, position: Position): void {
  const pct = position.protection.stopLossPct;
  const instrument = turn.context.instrument(state.account.venue, position.symbol);
  // By hand, without a stop asked for.
  if (pct === null || instrument === undefined) return;
  const triggerPrice = lossSide(position.direction, entryPrice(position), pct, instrument.tickSize);
  placeStop(turn, state, position, triggerPrice);
}

function needsChange(
  turn: Turn,
  state: AccountState,
  order: Order,
  position: Position,
  facts: VenueFacts,
): boolean {
  if (position.stop === null) return false;
  const instrument = turn.context.instrument(state.account.venue, position.symbol);
  const size = sizeWanted(turn, position, order, instrument);
  if (order.triggerPrice === position.stop.triggerPrice && wasMoveJustRefused(turn, position)) return false;
  return differs(order, position.stop.triggerPrice, size, facts);
}

/** Asked again at once, a change that was refused would only be refused again: it is at the next look, and later less often. */
function wasMoveJustRefused(turn: Turn, position: Position): boolean {
  const refusal = turn.desk.alerts.get(`stop:${position.accountId}:${position.symbol}`);
  if (refusal?.code !== 'stop_replace_refused') return false;
  const { closeAttempts, closeRetryMs } = turn.context.settings;
  const persists = hasPassed(turn, refusal.raisedAt, closeAttempts * closeRetryMs);
  return !hasPassed(turn, stopSince(turn.desk, position), persists ? PERSISTENT_RETRY_MS : closeRetryMs);
}

function differs(order: Order, trigger: Decimal, size: Decimal, facts: VenueFacts): boolean {
  if (order.triggerPrice === null || !eq(order.triggerPrice, trigger)) return true;
  return facts.capabilities.sizedStop && !eq(order.size, size);
}

/** Whether `order` still is the stop of a position as it was before the move that is under way. */
export function awaitsMove(turn: Turn, state: AccountState, position: Position, order: Order): boolean {
  const facts = turn.context.venue(state.account.venue);
  if (position.stop === null || facts === undefined || position.stop.orderId !== order.orderId) return false;
  return differs(order, position.stop.triggerPrice, position.stop.size, facts);
}

/**
 * A stop of ours is shown at the venue: the position is protected by it, if it is what a stop of it must be. `since`:
 * market time, if told.
 */
export function stopRests(turn: Turn, state: AccountState, order: Order, since?: number): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  // One that is being cancelled protects no longer, whatever is still told of it.
  if (position?.stop == null || order.triggerPrice === null || order.cancelRequested) return;
  const former = position.stop.orderId;
  const current = former === null ? undefined : turn.desk.orders.get(former);
  const anotherRests =
    position.stop.state === 'resting' &&
    former !== order.orderId &&
    current !== undefined &&
    isOpen(current) &&
    !current.cancelRequested;
  const fault = stopFault(position, order);
  if (fault !== null && !anotherRests) {
    replaceFaulty(turn, state, position, order, fault);
    return;
  }
  if (anotherRests) {
    // A second one beside it: what is known to rest stays.
    if (order.botId === position.botId) requestCancel(turn, state, order);
    return;
  }
  if (position.stop.state !== 'resting' || former !== order.orderId) {
    setStop(turn, position, 'resting', { orderId: order.orderId, size: order.size }, since);
    resolveAlert(turn, `stop:${order.accountId}:${order.symbol}`);
    resolveAlert(turn, `stop_missing:${order.accountId}:${order.symbol}`);
    const shown = positionOf(turn.desk, order.accountId, order.symbol);
    // Those before it go last: once it was asked for and seen once more.
    if (shown !== undefined && replacedStops(turn, shown).length > 0) verifyStop(turn, state, order.symbol);
  }
  guardPosition(turn, state, order.symbol);
}

/** Stops that the venue showed otherwise than asked for, at once, before the position is closed. */
const MAX_FAULTY_STOPS = 2;

/** What rests is no stop of this position: another is placed, and where that cannot be, the position is closed. */
function replaceFaulty(
  turn: Turn,
  state: AccountState,
  position: Position,
  order: Order,
  fault: Cause,
): void {
  const stop = position.stop;
  if (stop === null || stop.state === 'failed' || order.botId !== position.botId) return;
  sayDiffers(turn, order, 'critical', fault);
  const others = [...openOrders(turn.desk, order.accountId, order.symbol)].filter(
    (other) => other.purpose === 'stop' && other.orderId !== order.orderId && other.foreign !== true,
  );
  const former = others.find((other) => isSound(position, other));
  if (former?.triggerPrice != null) {
    // It was to replace one that still rests: that one stays.
    requestCancel(turn, state, order);
    if (stop.state !== 'resting') {
      const { orderId, triggerPrice, size } = former;
      setStop(turn, position, 'resting', { orderId, triggerPrice, size });
    }
    return;
  }
  // Another is on its way: this one was seen to be wrong before.
  if (stop.state === 'placing' && stop.orderId !== order.orderId) return;
  const naked = setStop(turn, position, 'none', { orderId: null });
  const faulty = others.filter((other) => stopFault(position, other) !== null);
  const facts = turn.context.venue(state.account.venue);
  if (facts?.capabilities.positionStops !== 'many' || faulty.length + 1 >= MAX_FAULTY_STOPS) {
    stopFailed(turn, state, naked, fault);
  } else placeStop(turn, state, naked, stop.triggerPrice);
}
