import type { VenueOrder, VenueOrderRef } from '../../../ports/venue.ts';
import { kindOf } from '../../../ports/venueOrderRef.ts';

type Named = Pick<VenueOrder, 'venueOrderId' | 'clientOrderId' | 'symbol' | 'type'>;

/** Stops are kept apart, and our id decides where there is one: the venue's may be that of before an amendment. */
export function isMeant(symbol: string, ref: VenueOrderRef, order: Named): boolean {
  if (order.symbol !== symbol || ref.kind !== kindOf(order.type)) return false;
  if (ref.clientOrderId !== null && order.clientOrderId !== null)
    return order.clientOrderId === ref.clientOrderId;
  return order.venueOrderId === ref.venueOrderId;
}

export const describeRef = ({ venueOrderId, clientOrderId }: VenueOrderRef): string =>
  venueOrderId ?? clientOrderId ?? 'without an id';
