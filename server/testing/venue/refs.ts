import type { VenueOrderRef } from '../../ports/venue.ts';

export const byVenueId = (venueOrderId: string, kind: VenueOrderRef['kind'] = 'order'): VenueOrderRef => ({
  kind,
  venueOrderId,
  clientOrderId: null,
});

export const byClientId = (clientOrderId: string, kind: VenueOrderRef['kind'] = 'order'): VenueOrderRef => ({
  kind,
  venueOrderId: null,
  clientOrderId,
});
