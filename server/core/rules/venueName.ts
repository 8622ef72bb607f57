import type { Order } from '../../../shared/domain/order.ts';
import type { VenueOrder } from '../../ports/venue.ts';

/** Former ids of an order that are remembered: fills under them, and what shows them, may come late. */
const FORMER_IDS = 16;

type Names = Partial<Pick<Order, 'venueOrderId' | 'formerVenueOrderIds'>>;

/** Under its own id and any of before, and under that of the order that a stop became. */
export function isKnownAs(order: Order, venueOrderId: string): boolean {
  const { venueOrderId: id, becameOrderId, formerVenueOrderIds } = order;
  return (
    id === venueOrderId ||
    becameOrderId === venueOrderId ||
    formerVenueOrderIds?.includes(venueOrderId) === true
  );
}

/** The venue knows the order by this id from now on; by one of before it says nothing new. */
export function renamed(order: Order, venueOrderId: string): Names {
  const { venueOrderId: before, formerVenueOrderIds: former = [] } = order;
  if (venueOrderId === '' || before === venueOrderId || former.includes(venueOrderId)) return {};
  if (before === null) return { venueOrderId };
  return { venueOrderId, formerVenueOrderIds: [...former, before].slice(-FORMER_IDS) };
}

/** By which id the venue shows it, which is that of the order that took its place. */
export function renamedAs(order: Order, seen: VenueOrder): Names {
  if (order.venueOrderId === null || seen.replacesOrderId !== order.venueOrderId)
    return renamed(order, seen.venueOrderId);
  // An answer that came late had taken it back.
  const former = (order.formerVenueOrderIds ?? []).filter((id) => id !== seen.venueOrderId);
  return renamed({ ...order, formerVenueOrderIds: former }, seen.venueOrderId);
}

/** Whether it is shown as it was before its last amendment: under a former id, or as what took the place of a former one. */
export function isOutdated(order: Order, { venueOrderId, replacesOrderId }: VenueOrder): boolean {
  const { venueOrderId: current, formerVenueOrderIds: former = [] } = order;
  if (venueOrderId === current || replacesOrderId === current) return false;
  return former.includes(venueOrderId) || (replacesOrderId !== null && former.includes(replacesOrderId));
}

/** What a stop became is the stop at work: shown as that, with its size, how far it is, and how it ended. */
export function asFired(order: Order, seen: VenueOrder): VenueOrder {
  if (order.becameOrderId === undefined || order.becameOrderId !== seen.venueOrderId) return seen;
  const { side, type, price, triggerPrice, triggerBy, reduceOnly, becameOrderId } = order;
  const isAtWork = seen.status === 'open' || seen.status === 'partially_filled';
  return {
    ...seen,
    ...{ side, type, price, triggerPrice, triggerBy, reduceOnly, becameOrderId },
    venueOrderId: order.venueOrderId ?? seen.venueOrderId,
    status: isAtWork ? 'triggered' : seen.status,
  };
}
