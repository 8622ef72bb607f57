import { isOpen, type Order } from '../../../shared/domain/order.ts';
import { raiseAlert } from '../alerts.ts';
import { type AccountState, openOrders, positionOf } from '../desk.ts';
import type { Turn } from '../turn.ts';
import { readAccount, refusedStops } from './guardPosition.ts';
import { isSound } from './stopFault.ts';
import { setStop, stopFailed } from './stopState.ts';

/** What kind of refusal: not now, nothing to protect, or not at all. */
export type RefusedStop = 'passing' | 'no_position' | 'final';

/** Stops refused for now, one after the other, before the position is closed. */
export const STOP_ATTEMPTS = 5;

/** A stop was refused: what protected before stays; where nothing did, it is tried again, and then the position is closed. */
export function stopRefused(
  turn: Turn,
  state: AccountState,
  order: Order,
  reason: string,
  why: RefusedStop,
): void {
  const { accountId, symbol } = order;
  const position = positionOf(turn.desk, accountId, symbol);
  if (position?.stop == null || position.stop.state === 'failed') return;
  const { stop } = position;
  const current = stop.orderId === null ? undefined : turn.desk.orders.get(stop.orderId);
  // Another is on its way, or rests: this one was given up before.
  const isPast = stop.state === 'placing' || stop.state === 'resting';
  if (isPast && current !== undefined && current.orderId !== order.orderId && isOpen(current)) return;
  if (why === 'no_position') {
    // The venue has closed it already; the fills that say so are on their way.
    setStop(turn, position, 'triggered', { orderId: null });
    readAccount(turn, state);
    return;
  }
  const resting = [...openOrders(turn.desk, accountId, symbol)].find(
    (other) => other.orderId !== order.orderId && isSound(position, other),
  );
  if (resting !== undefined && resting.triggerPrice !== null) {
    setStop(turn, position, 'resting', {
      orderId: resting.orderId,
      triggerPrice: resting.triggerPrice,
      size: resting.size,
    });
    sayStopRefused(
      turn,
      order,
      `The venue refused to move the stop of ${symbol} (${reason}); the former one still rests.`,
    );
    return;
  }
  if (order.slot === 'stop_by_hand') {
    // It was open without one before, by its owner's choice.
    turn.emit('PositionChanged', {
      position: { ...position, stop: null, unprotectedSince: null, updatedAt: turn.wallTime },
      trade: null,
    });
    sayStopRefused(
      turn,
      order,
      `The venue refused the stop of ${symbol} (${reason}); the position has none.`,
    );
    return;
  }
  if (why === 'passing' && refusedStops(turn, accountId, symbol).length < STOP_ATTEMPTS) {
    setStop(turn, position, 'none', { orderId: null });
    return;
  }
  stopFailed(turn, state, position, reason);
}

function sayStopRefused(turn: Turn, order: Order, message: string): void {
  raiseAlert(turn, {
    alertId: `stop:${order.accountId}:${order.symbol}`,
    severity: 'warning',
    code: 'stop_replace_refused',
    message,
    accountId: order.accountId,
    botId: order.botId,
  });
}

/** The venue refused to amend a stop: it rests where it was, and is shown there. */
export function stopMoveRefused(turn: Turn, order: Order, reason: string): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  if (position === undefined || order.triggerPrice === null) return;
  setStop(turn, position, 'resting', { triggerPrice: order.triggerPrice, size: order.size });
  sayStopRefused(
    turn,
    order,
    `The venue refused to move the stop of ${order.symbol} (${reason}); it rests where it was.`,
  );
}
