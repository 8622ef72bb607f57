import type { Order } from '../../shared/domain/order.ts';
import type { VenueOrderRef } from '../ports/venue.ts';
import { kindOf } from '../ports/venueOrderRef.ts';

/** Names an order of ours at its venue. One that the venue made, or that was found there, was never given our id. */
export function orderRef({ orderId, venueOrderId, type, notAfter, becameOrderId }: Order): VenueOrderRef {
  // A stop that fired works on as another order, which has no id of ours.
  if (becameOrderId !== undefined) return { kind: 'order', venueOrderId: becameOrderId, clientOrderId: null };
  const isPlacedByUs = notAfter !== null || venueOrderId === null;
  return { kind: kindOf(type), venueOrderId, clientOrderId: isPlacedByUs ? orderId : null };
}
