import { PROFILE_NAMES, PROFILES, type Profile, type ProfileName } from '../adapters/simulated/profiles.ts';

/** The venue's own profiles, and one that can do as little as any: it takes no attached stop and amends none. */
export type VenueKind = ProfileName | 'bare';
export const VENUE_KINDS: readonly VenueKind[] = [...PROFILE_NAMES, 'bare'];

export function profileOf(kind: VenueKind): Profile {
  if (kind !== 'bare') return PROFILES[kind];
  const { ideal } = PROFILES;
  return { ...ideal, capabilities: { ...ideal.capabilities, attachedStop: false, amendStop: false } };
}
