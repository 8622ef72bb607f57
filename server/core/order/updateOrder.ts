import type { Cause } from '../../../shared/domain/cause.ts';
import { isSameTold } from '../../../shared/domain/figures.ts';
import { isClosedStatus, type Order } from '../../../shared/domain/order.ts';
import { mayBecome } from '../rules/transitions.ts';
import { raiseAlert, resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { closeFailures } from './exitFailures.ts';
import { writeOrder } from './writeOrder.ts';

/**
 * Changes an order through the transition table; a status the table does not allow from here is left as it is, since
 * answers and pushes overtake each other. Returns the order as it then stands.
 */
export function updateOrder(turn: Turn, order: Order, change: Partial<Order>): Order {
  const wanted = change.status ?? order.status;
  const moves = wanted !== order.status && mayBecome(order.status, wanted);
  const status = moves ? wanted : order.status;
  const next: Order = { ...order, ...change, status, updatedAt: turn.wallTime };
  if (isClosedStatus(status)) next.cancelRequested = next.unanswered = false;
  if (!moves && isSame(order, next)) return order;
  if (order.status === 'abandoned' || (order.status === 'rejected' && moves)) raiseLate(turn, order);
  writeOrder(turn, order, next);
  if (moves) resolveAlertsOfOrder(turn, next);
  const isClose = next.purpose === 'close' && !turn.desk.outlived.has(next.orderId);
  const failures = moves && isClose ? closeFailures(turn.desk, next.accountId, next.symbol) : undefined;
  if (failures !== undefined) sayCloseFailed(turn, next, failures.reason);
  return next;
}

/** An order came to work, filled or ended: what was said of it, or of an entry that was refused before it, is over. */
export function resolveAlertsOfOrder(turn: Turn, order: Order): void {
  const { orderId, purpose, botId, status, venueOrderId } = order;
  if (isClosedStatus(status)) resolveAlert(turn, `amend:${orderId}`);
  const isTaken = venueOrderId !== null && status !== 'rejected' && status !== 'abandoned';
  if (purpose === 'entry' && isTaken) resolveAlert(turn, `entry:${botId}`);
}

/** What is to be closed stays open, against our will: said aloud until it is gone. */
export function sayCloseFailed(turn: Turn, { accountId, symbol, botId }: Order, cause: Cause): void {
  raiseAlert(turn, {
    alertId: `close:${accountId}:${symbol}`,
    severity: 'critical',
    code: 'close_refused',
    figures: { symbol, cause },
    accountId,
    botId,
  });
}

function isSame(a: Order, b: Order): boolean {
  return (Object.keys(b) as (keyof Order)[]).every((key) =>
    key === 'reason' ? isSameTold(a.reason, b.reason) : key === 'updatedAt' || a[key] === b[key],
  );
}

/** An order that counted as over turned up, in whichever message first. */
export function raiseLate(turn: Turn, order: Order): void {
  raiseAlert(turn, {
    alertId: `late_order:${order.orderId}`,
    severity: 'warning',
    code: 'late_order',
    figures: { symbol: order.symbol, status: order.status },
    accountId: order.accountId,
    botId: order.botId,
  });
}
