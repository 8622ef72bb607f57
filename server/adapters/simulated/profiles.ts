import type { VenueCapabilities } from '../../ports/venue.ts';

export const PROFILE_NAMES = ['ideal', 'v2-like', 'v3-like'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** How a simulated venue behaves where real ones differ. */
export interface Profile {
  name: ProfileName;
  capabilities: VenueCapabilities;
  /**
   * `answer`: an order that cannot rest or fill as asked (post-only, fill-or-kill) is refused in the answer.
   * `later`: it is accepted first and cancelled at once, because accepted does not mean matched.
   */
  matchRefusals: 'answer' | 'later';
  /** Whose client ids a new one must differ from. */
  duplicateScope: 'remembered' | 'pending';
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  ideal: {
    name: 'ideal',
    capabilities: {
      attachedStop: true,
      positionStops: 'many',
      amendStop: true,
      sizedStop: true,
      expiringOrders: true,
      denseCursor: true,
    },
    matchRefusals: 'answer',
    duplicateScope: 'remembered',
  },
  'v2-like': {
    name: 'v2-like',
    capabilities: {
      attachedStop: true,
      positionStops: 'one',
      amendStop: true,
      sizedStop: false,
      expiringOrders: true,
      denseCursor: true,
    },
    matchRefusals: 'later',
    duplicateScope: 'pending',
  },
  'v3-like': {
    name: 'v3-like',
    capabilities: {
      attachedStop: true,
      positionStops: 'one',
      amendStop: true,
      sizedStop: true,
      expiringOrders: true,
      denseCursor: true,
    },
    matchRefusals: 'later',
    duplicateScope: 'remembered',
  },
};
