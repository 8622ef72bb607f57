import { because, type Cause, venueRefusalSchema } from '../../../shared/domain/cause.ts';
import { eq, gt, gte } from '../../../shared/domain/decimal.ts';
import { isClosedStatus, type Order, type OrderStatus } from '../../../shared/domain/order.ts';
import type { VenueOrder } from '../../ports/venue.ts';
import { sizeShown } from '../desk.ts';
import { updateOrder } from '../order/updateOrder.ts';
import { renamedAs } from '../rules/venueName.ts';
import type { Turn } from '../turn/turn.ts';

const STATUS_FROM_VENUE: Record<VenueOrder['status'], OrderStatus> = {
  open: 'open',
  partially_filled: 'partially_filled',
  filled: 'filled',
  cancelled: 'cancelled',
  triggered: 'open',
  rejected: 'rejected',
  expired: 'cancelled',
};

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
    ...renamedAs(order, seen),
    ...(seen.becameOrderId === null ? {} : { becameOrderId: seen.becameOrderId }),
    ...(order.purpose === 'stop' || status === 'open' || status === 'partially_filled'
      ? asAmended(turn, order, seen)
      : {}),
    // As the venue has it, whatever was asked for: what protects is read back.
    ...(order.purpose === 'stop'
      ? {
          side: seen.side,
          type: seen.type,
          reduceOnly: seen.reduceOnly ?? order.reduceOnly,
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
function asAmended(turn: Turn, order: Order, seen: VenueOrder): Partial<Shape> {
  const { price, triggerPrice } = seen;
  const size = sizeShown(turn.desk, order.accountId, seen, order.size);
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
  if (status === 'cancelled' || status === 'rejected') return { reason: endOf(seen) };
  const hasEnded = isClosedStatus(STATUS_FROM_VENUE[seen.status]);
  if (hasEnded && awaitsFills) return { reason: because('awaits_fills', {}) };
  return order.reason?.code === 'awaits_fills' ? { reason: null } : null;
}

/** A refusal counts as one whichever way it is told: as an answer, in a push or by a look-up. */
function endOf({ status, reason }: VenueOrder): Cause | null {
  if (reason === null) return null;
  const refusal = venueRefusalSchema.safeParse(reason);
  return status === 'rejected' && refusal.success
    ? because('refused', { as: refusal.data })
    : because('ended', { as: reason });
}
