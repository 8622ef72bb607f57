import { PROFILE_NAMES, PROFILES, type Profile, type ProfileName } from '../adapters/simulated/profiles.ts';
import type { RateLimit } from '../ports/venue.ts';

/**
 * The venue's own profiles, one that can do as little as any (it takes no attached stop and amends none), and one that names
 * a rate limit.
 */
export type VenueKind = ProfileName | 'bare' | 'metered';
export const VENUE_KINDS: readonly VenueKind[] = [...PROFILE_NAMES, 'bare', 'metered'];

/** Little enough that calls wait for their turn every now and then. */
const RATE_LIMIT: RateLimit = { calls: 30, perMs: 1_000 };

export function profileOf(kind: VenueKind): Profile {
  const { ideal } = PROFILES;
  if (kind === 'metered') return { ...ideal, capabilities: { ...ideal.capabilities, rateLimit: RATE_LIMIT } };
  if (kind !== 'bare') return PROFILES[kind];
  return { ...ideal, capabilities: { ...ideal.capabilities, attachedStop: false, amendStop: false } };
}
