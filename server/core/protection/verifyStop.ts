import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { FORGET_AFTER_MS, lookUp } from '../ask/lookUp.ts';
import { lagOf } from '../ask/shownAgain.ts';
import { type AccountState, openOrders, positionOf, stopSince } from '../desk.ts';
import { isCancelDue } from '../order/cancelRefused.ts';
import { requestCancel } from '../order/submit.ts';
import { writeOrder } from '../order/writeOrder.ts';
import { unprotectedFrom } from '../rules/unprotected.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { isOwnStop, isSound } from './stopFault.ts';
import { marketTimeOf, setStop } from './stopState.ts';

/**
 * Venues have taken off again, without a word, what they accepted and showed: a stop is looked for soon after it last
 * changed, and again once it counts as forgotten where it is not listed, until the venue has answered.
 */
export function isToBeReadBack(turn: Turn, order: Order): boolean {
  if (!isOwnStop(order) || order.venueOrderId === null) return false;
  const { updatedAt, shownAt } = order;
  // One of the future is what the reading after a restart has compared.
  return [turn.context.settings.stopReadBackMs, FORGET_AFTER_MS].some(
    (ms) => turn.wallTime - updatedAt >= ms && (shownAt === null || shownAt < updatedAt + ms),
  );
}

/** The venue showed a working order when it was asked: by its id, or for all that works there. */
export function answerShown(turn: Turn, orderId: string): void {
  const order = turn.desk.orders.get(orderId);
  if (order === undefined || !isOpen(order)) return;
  const isReadBack = isToBeReadBack(turn, order);
  if (!order.unanswered && !isReadBack) return;
  const shownAt = isReadBack ? turn.wallTime : order.shownAt;
  writeOrder(turn, order, { ...order, unanswered: false, shownAt });
}

/** What became of a working order stays a question: the watch asks it again. */
export function keepAsking(turn: Turn, order: Order): void {
  if (isOpen(order) && !order.unanswered) writeOrder(turn, order, { ...order, unanswered: true });
}

/**
 * The venue does not show a stop that was seen to rest. Until it does, or another one rests, nothing is known to protect
 * the position, and the account is read until that is told.
 */
export function doubtStop(turn: Turn, stop: Order): void {
  const position = positionOf(turn.desk, stop.accountId, stop.symbol);
  if (position?.stop?.orderId !== stop.orderId || position.stop.state !== 'resting') return;
  const since = unprotectedFrom(position, marketTimeOf(turn, position));
  setStop(turn, { ...position, ...since }, 'triggered');
}

/** Stops of ours beside the one that rests for the position: it has replaced them. */
export function replacedStops(turn: Turn, { accountId, symbol, stop, ...position }: Position): Order[] {
  if (stop?.state !== 'resting' && stop?.state !== 'replacing') return [];
  return [...openOrders(turn.desk, accountId, symbol)].filter(
    (other) =>
      other.orderId !== stop.orderId &&
      other.venueOrderId !== null &&
      // Another may be on its way to replace the one that rests.
      (stop.state === 'resting' || other.cancelRequested) &&
      other.botId === position.botId &&
      // One that was adopted from elsewhere and would not protect it is its owner's own arrangement.
      ((isOwnStop(other) && other.slot !== '') || isSound(position, other)),
  );
}

/** Asks for the stop that rests, before what it has replaced goes, and when that has gone. */
export function verifyStop(turn: Turn, state: AccountState, symbol: string): void {
  const position = positionOf(turn.desk, state.account.accountId, symbol);
  const order = position?.stop?.orderId == null ? undefined : turn.desk.orders.get(position.stop.orderId);
  if (order !== undefined && isOpen(order)) lookUp(turn, state.account.venue, order);
}

/** After this an unanswered cancel is looked into, and asked for again, wall ms. */
export const CANCEL_CHECK_MS = 2_000;

/** A look-up has just shown the stop that rests: what it has replaced goes, and is asked to again while it stays. */
export function cancelReplaced(turn: Turn, state: AccountState, shown: Order): void {
  const position = positionOf(turn.desk, shown.accountId, shown.symbol);
  if (position?.stop?.orderId !== shown.orderId) return;
  // What is shown may be of a moment before the stop was as it is.
  if (!hasPassed(turn, stopSince(turn.desk, position), lagOf(turn, state))) return;
  for (const order of replacedStops(turn, position)) {
    const isLate = hasPassed(turn, order.updatedAt, CANCEL_CHECK_MS);
    if (!order.cancelRequested) requestCancel(turn, state, order);
    else if (isLate && isCancelDue(turn, order))
      turn.effect({ type: 'CancelOrder', venue: state.account.venue, order });
  }
}
