import type { Cause } from '../../../shared/domain/cause.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import { readAccount } from '../ask/readAccount.ts';
import { type AccountState, openOrders, positionOf } from '../desk.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { isByHand, refusedStops } from './guardPosition.ts';
import { isSound } from './stopFault.ts';
import { dropStopByHand, setStop, stopFailed } from './stopState.ts';

/** What kind of refusal: not now, nothing to protect, or not at all. */
export type RefusedStop = 'passing' | 'no_position' | 'final';

/** Stops refused for now, one after the other, before the position is closed; one set by hand is given up. */
export const STOP_ATTEMPTS = 5;

/** A stop was refused: what protected before stays; where nothing did, it is tried again, and then the position is closed. */
export function stopRefused(
  turn: Turn,
  state: AccountState,
  order: Order,
  reason: Cause,
  why: RefusedStop,
): void {
  const { accountId, symbol } = order;
  const position = positionOf(turn.desk, accountId, symbol);
  if (position?.stop == null || position.stop.state === 'failed') return;
  const { stop } = position;
  // It was to guard another one, which has ended since.
  if (turn.desk.outlived.has(order.orderId) && stop.orderId !== order.orderId) return;
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
    sayStopRefused(turn, order, reason, 'former');
    return;
  }
  if (why === 'passing' && attemptsOf(turn, order) < STOP_ATTEMPTS) {
    setStop(turn, position, 'none', { orderId: isByHand(order) ? order.orderId : null });
    return;
  }
  if (isByHand(order)) dropStopByHand(turn, position, reason);
  else stopFailed(turn, state, position, reason);
}

/** Refused in a row, with this one; one that was set by hand anew is counted anew. */
function attemptsOf(turn: Turn, order: Order): number {
  const refused = refusedStops(turn, order.accountId, order.symbol);
  const byHand = isByHand(order);
  const others = refused.findIndex((other) => (byHand ? other.slot === 'stop_by_hand' : isByHand(other)));
  if (others === -1) return refused.length;
  return byHand ? others + 1 : others;
}

function sayStopRefused(turn: Turn, order: Order, cause: Cause, left: 'former' | 'same'): void {
  raiseAlert(turn, {
    alertId: `stop:${order.accountId}:${order.symbol}`,
    severity: 'warning',
    code: 'stop_replace_refused',
    figures: { symbol: order.symbol, cause, left },
    accountId: order.accountId,
    botId: order.botId,
  });
}

/** The venue refused to amend a stop: it rests where it was, and is shown there. */
export function stopMoveRefused(turn: Turn, order: Order, reason: Cause): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  if (position === undefined || order.triggerPrice === null) return;
  setStop(turn, position, 'resting', { triggerPrice: order.triggerPrice, size: order.size });
  sayStopRefused(turn, order, reason, 'same');
}
