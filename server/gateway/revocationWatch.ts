import type { Authenticator } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Sessions } from './sessions.ts';

export interface RevocationWatchContext {
  clock: Clock;
  logger: Logger;
  authenticator: Authenticator;
  sessions: Sessions;
}

/** How far back each look goes: clocks of processes differ, and what is committed may become visible late. */
const LOOK_BACK_MS = 600_000;

/**
 * Reads each second what has been revoked, since the bus may have lost it: the database is what counts. While it is
 * away nobody can trade either.
 */
export class RevocationWatch {
  #isLooking = false;
  #isAway = false;
  /** Wall time of the last look that was answered, ms. */
  #lookedAt = Number.POSITIVE_INFINITY;
  readonly #context: RevocationWatchContext;

  constructor(context: RevocationWatchContext) {
    this.#context = context;
  }

  look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#read().finally(() => {
      this.#isLooking = false;
    });
  }

  async #read(): Promise<void> {
    const { clock, logger, authenticator, sessions } = this.#context;
    try {
      // From the earlier of both: the clock may have been set, or the database away for longer than that.
      const now = clock.now();
      const revocations = await authenticator.revokedSince(Math.min(now, this.#lookedAt) - LOOK_BACK_MS);
      this.#lookedAt = now;
      this.#isAway = false;
      for (const revocation of revocations) sessions.revoke(revocation);
    } catch (error) {
      if (!this.#isAway) logger.warn({ error }, 'what was revoked cannot be read');
      this.#isAway = true;
    }
  }
}
