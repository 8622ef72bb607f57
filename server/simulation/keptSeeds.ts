import type { VenueKind } from './venueKinds.ts';

export interface KeptSeed {
  seed: number;
  profile: VenueKind;
  steps: number;
  /** What it once found. */
  found: string;
}

/** Seeds that have failed: each found something that is mended, and is run again with every change. */
export const KEPT_SEEDS: readonly KeptSeed[] = [
  {
    seed: 10,
    profile: 'v3-like',
    steps: 200,
    found: 'a pause that the venue asked for while it opened an account was kept by nobody',
  },
  {
    seed: 8,
    profile: 'ideal',
    steps: 500,
    found: 'a desk that somebody asked for before the recovery had brought it back was read a second time',
  },
  {
    seed: 700_026,
    profile: 'v3-like',
    steps: 1_200,
    found:
      'a desk that waited for its recovery was given the bars that a look of each second brings, and entered on them',
  },
  {
    seed: 760_003,
    profile: 'lagging',
    steps: 1_000,
    found: 'a balance counted as shown twice by a reading that was begun soon after the first, and took long',
  },
];
