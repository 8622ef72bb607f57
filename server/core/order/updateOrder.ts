import { eq, gt, gte } from '../../../shared/domain/decimal.ts';
import { isClosedStatus, type Order, type OrderStatus } from '../../../shared/domain/order.ts';
import type { VenueOrder } from '../../ports/venue.ts';
import { raiseAlert, resolveAlert } from '../alerts.ts';
import type { EventKind } from '../events.ts';
import type { Turn } from '../turn.ts';
import { closeFailures } from './exitFailures.ts';
import { mayBecome } from './transitions.ts';

const KIND_OF_STATUS: Partial<Record<OrderStatus, EventKind & `Order${string}`>> = {
  open: 'OrderAccepted',
  cancelled: 'OrderCancelled',
  rejected: 'OrderRejected',
  abandoned: 'OrderRejected',
  unknown: 'OrderUnknown',
};

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
  turn.emit((moves ? KIND_OF_STATUS[status] : undefined) ?? 'OrderUpdated', { order: next });
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
export function sayCloseFailed(turn: Turn, { accountId, symbol, botId }: Order, why: string): void {
  raiseAlert(turn, {
    alertId: `close:${accountId}:${symbol}`,
    severity: 'critical',
    code: 'close_refused',
    message: `The venue does not close ${symbol} (${why}); it is tried on.`,
    accountId,
    botId,
  });
}

function isSame(a: Order, b: Order): boolean {
  return (Object.keys(b) as (keyof Order)[]).every((key) => key === 'updatedAt' || a[key] === b[key]);
}

/** An order that counted as over turned up, in whichever message first. */
export function raiseLate(turn: Turn, order: Order): void {
  raiseAlert(turn, {
    alertId: `late_order:${order.orderId}`,
    severity: 'warning',
    code: 'late_order',
    message: `An order counted as ${order.status} turned up at the venue after all.`,
    accountId: order.accountId,
    botId: order.botId,
  });
}

const STATUS_FROM_VENUE: Record<VenueOrder['status'], OrderStatus> = {
  open: 'open',
  partially_filled: 'partially_filled',
  filled: 'filled',
  cancelled: 'cancelled',
  triggered: 'open',
  rejected: 'rejected',
  expired: 'cancelled',
};

/** Why an order that has ended at the venue still counts as working here. */
export const AWAITS_FILLS = 'it has ended at the venue; the fills it reports are awaited';

/**
 * Whether fills of an order that has ended may still be on their way to us: just now, or as long as the account was not
 * read since we were away. Later they were booked without it.
 */
function mayBeOnTheWay(turn: Turn, order: Order, seen: VenueOrder): boolean {
  const account = turn.desk.accounts.get(order.accountId)?.account;
  if (account === undefined || !gt(seen.filledSize, order.filledSize)) return false;
  const windowMs = turn.context.venue(account.venue)?.writeWindowMs ?? 0;
  return account.status !== 'ready' || turn.context.marketTime(account.venue) <= seen.ts + windowMs;
}

/**
 * Takes over what the venue says of an order of ours. Fills are counted only from fills: here a filled order waits for
 * them, and is closed by the last one. One that was learnt of after its fills is closed without them.
 */
export function takeVenueOrder(turn: Turn, order: Order, seen: VenueOrder): Order {
  let status = STATUS_FROM_VENUE[seen.status];
  const awaitsFills = mayBeOnTheWay(turn, order, seen);
  if (status === 'filled' && !gte(order.filledSize, order.size) && awaitsFills) status = 'open';
  if (status === 'partially_filled') status = 'open';
  if (status === 'open' && order.status === 'partially_filled') status = 'partially_filled';
  // A cancel whose last fills are still on their way must not look closed and flat.
  if (status === 'cancelled' && awaitsFills)
    status = order.status === 'partially_filled' ? 'partially_filled' : 'open';
  return updateOrder(turn, order, {
    status,
    venueOrderId: seen.venueOrderId,
    ...(order.purpose === 'stop' || status === 'open' || status === 'partially_filled'
      ? asAmended(order, seen)
      : {}),
    // As the venue has it, whatever was asked for: what protects is read back.
    ...(order.purpose === 'stop'
      ? {
          side: seen.side,
          type: seen.type,
          reduceOnly: seen.reduceOnly,
          triggerBy: seen.triggerBy ?? order.triggerBy,
        }
      : {}),
    ...reasonOf(order, seen, status, awaitsFills),
  });
}

type Shape = Pick<Order, 'size' | 'price' | 'triggerPrice' | 'changedAt'>;

/**
 * Its size and prices as the venue shows them. What it showed before it last changed them, and was told late, takes nothing
 * back: an order that counts as smaller than it is would be over here while it works there. Of a stop each showing counts,
 * since it is moved back by it.
 */
function asAmended(order: Order, seen: VenueOrder): Partial<Shape> {
  const { size, price, triggerPrice } = seen;
  if (order.purpose === 'stop') return { size, price, triggerPrice };
  const isSameAs = (shape: Pick<Order, 'size' | 'price'> | undefined): boolean =>
    shape !== undefined && eq(shape.size, size) && isSamePrice(shape.price, price);
  if (isSameAs(order)) return {};
  // What was asked for is news, whatever the venue's clock says.
  if (order.changedAt !== undefined && seen.ts < order.changedAt && !isSameAs(order.amending)) return {};
  return { size, price, triggerPrice, changedAt: seen.ts };
}

const isSamePrice = (a: Order['price'], b: Order['price']): boolean =>
  a === null || b === null ? a === b : eq(a, b);

function reasonOf(
  order: Order,
  seen: VenueOrder,
  status: OrderStatus,
  awaitsFills: boolean,
): Pick<Order, 'reason'> | null {
  if (status === 'cancelled' || status === 'rejected') return { reason: seen.reason };
  const hasEnded = isClosedStatus(STATUS_FROM_VENUE[seen.status]);
  if (hasEnded && awaitsFills) return { reason: AWAITS_FILLS };
  return order.reason === AWAITS_FILLS ? { reason: null } : null;
}
