import type { VenueCapabilities } from '../../ports/venue.ts';

export const PROFILE_NAMES = ['ideal', 'v2-like', 'v3-like', 'loose'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** How a venue counts for others what it counts 1, 2, 3, … for itself. */
interface CursorShape {
  /** Rows in a row that share a cursor. */
  share: number;
  /** From one cursor to the next. */
  gap: number;
}

/** Every one its own, none left out. */
const DENSE: CursorShape = { share: 1, gap: 1 };

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
  cursors: CursorShape;
  /** `another`: an amendment puts another order into the place of the one that was, with an id of its own. */
  amends: 'in_place' | 'another';
  /** `order`: a stop that fires ends, and becomes a plain order that has no id of ours. */
  firesAs: 'itself' | 'order';
  /** Leaves out what exchanges may not tell. */
  isSilent: boolean;
  /** In which coin every other fee is taken, from a purse that is no part of the account; null: all from its balance. */
  otherFeeCoin: string | null;
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
      denseCursors: true,
    },
    matchRefusals: 'answer',
    duplicateScope: 'remembered',
    cursors: DENSE,
    amends: 'in_place',
    firesAs: 'itself',
    isSilent: false,
    otherFeeCoin: null,
  },
  'v2-like': {
    name: 'v2-like',
    capabilities: {
      attachedStop: true,
      positionStops: 'one',
      closesPosition: true,
      amendStop: true,
      sizedStop: false,
      expiringOrders: true,
      denseCursors: true,
    },
    matchRefusals: 'later',
    duplicateScope: 'pending',
    cursors: DENSE,
    amends: 'in_place',
    firesAs: 'itself',
    isSilent: false,
    otherFeeCoin: null,
  },
  'v3-like': {
    name: 'v3-like',
    capabilities: {
      attachedStop: true,
      positionStops: 'one',
      closesPosition: true,
      amendStop: true,
      sizedStop: true,
      expiringOrders: true,
      denseCursors: true,
    },
    matchRefusals: 'later',
    duplicateScope: 'remembered',
    cursors: DENSE,
    amends: 'in_place',
    firesAs: 'itself',
    isSilent: false,
    otherFeeCoin: null,
  },
  /** Makes none of the promises that exchanges do not make. */
  loose: {
    name: 'loose',
    capabilities: {
      attachedStop: true,
      positionStops: 'one',
      closesPosition: true,
      minimaBindCloses: true,
      amendStop: true,
      sizedStop: true,
      expiringOrders: false,
      // Of its cursors, those of the last 200 fills or bills.
      tellsLate: { cursor: 1_000, ms: 10_000 },
    },
    matchRefusals: 'later',
    duplicateScope: 'remembered',
    cursors: { share: 2, gap: 10 },
    amends: 'another',
    firesAs: 'order',
    isSilent: true,
    otherFeeCoin: 'BGB',
  },
};
