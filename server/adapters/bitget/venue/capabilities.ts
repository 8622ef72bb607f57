import type { VenueCapabilities } from '../../../ports/venue.ts';

/** A signed request is taken for 30 s; the rest is for clocks. */
export const WRITE_WINDOW_MS = 35_000;

/** What the exchange does and does not promise, on either API. */
export const CAPABILITIES: VenueCapabilities = {
  attachedStop: true,
  positionStops: 'one',
  amendStop: true,
  // A stop of the position, which grows and shrinks with it: nothing has to be resized in time.
  sizedStop: false,
  expiringOrders: false,
  // Cursors are times: fills and bills of the last minute may still be told, funding among them.
  tellsLate: { cursor: 60_000, ms: 30_000 },
  readingLagMs: 2_000,
  closesPosition: true,
  // Not said (?): a close that is too small is made by the exchange's own call.
  minimaBindCloses: true,
};
