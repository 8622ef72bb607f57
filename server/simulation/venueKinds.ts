import { PROFILE_NAMES, PROFILES, type Profile, type ProfileName } from '../adapters/simulated/profiles.ts';
import type { RateLimit } from '../ports/venue.ts';

/**
 * The venue's own profiles, one that can do as little as any (it takes no attached stop, amends none, and tells as `loose`),
 * one that names a rate limit, and one whose readings lag by seconds.
 */
export type VenueKind = ProfileName | 'bare' | 'metered' | 'lagging';
export const VENUE_KINDS: readonly VenueKind[] = [...PROFILE_NAMES, 'bare', 'metered', 'lagging'];

/** Little enough that calls wait for their turn every now and then. */
const RATE_LIMIT: RateLimit = { calls: 30, perMs: 1_000 };

/** How old readings may be, wall ms: a little everywhere. */
const LAG_MS = 2_000;
const LONG_LAG_MS = 5_000;

export function profileOf(kind: VenueKind): Profile {
  const { ideal } = PROFILES;
  if (kind === 'lagging') return varied(ideal, { readingLagMs: LONG_LAG_MS });
  if (kind === 'metered') return varied(ideal, { rateLimit: RATE_LIMIT, readingLagMs: LAG_MS });
  if (kind === 'bare') return bare();
  return varied(PROFILES[kind], { readingLagMs: LAG_MS });
}

const varied = (profile: Profile, capabilities: Partial<Profile['capabilities']>): Profile => ({
  ...profile,
  capabilities: { ...profile.capabilities, ...capabilities },
});

function bare(): Profile {
  const { ideal, loose } = PROFILES;
  const { denseCursors: _, ...able } = ideal.capabilities;
  const { expiringOrders, tellsLate } = loose.capabilities;
  const told = tellsLate === undefined ? {} : { tellsLate };
  return {
    ...ideal,
    cursors: loose.cursors,
    capabilities: {
      ...able,
      ...told,
      expiringOrders,
      attachedStop: false,
      amendStop: false,
      readingLagMs: LAG_MS,
    },
  };
}
