import type { Effect } from '../core/effects.ts';
import type { VenueAccountState } from '../ports/venue.ts';

/** Who runs effects once what they follow from is durable. What becomes of each comes back as an input. */
export interface EffectSink {
  run(deskId: string, effect: Effect): void;
  /** No effect is under way. */
  isIdle(): boolean;
  /** Whether an effect of the desk is under way. */
  isBusy(deskId: string): boolean;
  /**
   * What an account has that no desk in memory looks after, which is listened to from then on; undefined: there is no such
   * venue. Rejects as a venue's readings do.
   */
  lookAt(venue: string, accountId: string): Promise<VenueAccountState | undefined>;
  /** Resolves when no effect is under way. */
  settled(): Promise<void>;
}
