import type { VenueOrder, VenueOrderRef } from './venue.ts';

/** Names an order as its venue has shown it. */
export const refOf = ({
  type,
  venueOrderId,
  clientOrderId,
}: Pick<VenueOrder, 'type' | 'venueOrderId' | 'clientOrderId'>): VenueOrderRef => ({
  kind: kindOf(type),
  venueOrderId,
  clientOrderId,
});

/** Behind which of a venue's calls an order of this type is kept. */
export const kindOf = (type: VenueOrder['type']): VenueOrderRef['kind'] =>
  type === 'stop_market' ? 'stop' : 'order';
