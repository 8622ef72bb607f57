import type { VenueAnswer } from '../../../ports/venue.ts';

/** The venue takes nothing of this kind now, or not from this account. */
export const rejected = (
  code: 'maintenance' | 'rate_limited' | 'permission',
  message: string,
): VenueAnswer => ({ outcome: 'rejected', code, message });
