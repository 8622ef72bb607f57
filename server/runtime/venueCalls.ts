import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import type { Clock } from '../ports/clock.ts';
import { type Venue, type VenueAnswer, VenueUnavailable } from '../ports/venue.ts';
import { messageOf } from './messageOf.ts';
import { LANE_LIMIT, type Lane, VenueLanes } from './venueLanes.ts';

/** Before a write the lease must last at least this much longer, wall ms: a paused process must not act late. */
export const LEASE_MARGIN_MS = 1_000;
/** How often a call that the venue refused for its rate is sent again: a refusal has no effect. Entries never are. */
const RATE_ATTEMPTS = 5;
/** Pause when a venue refuses for its rate and names none, wall ms. */
const RATE_PAUSE_MS = 1_000;

export interface VenueCallsOptions {
  /** The one that decisions are made by: readings are compared with their stamps. */
  clock: Clock;
  /** Wall ms until our lease ends. */
  leaseLeftMs(): number;
  /** What to decide instead of a write that was given up while it waited for its turn at the venue; null: it may go. */
  withdrawn(deskId: string, effect: Effect): Input | null;
}

/** Calls to venues, each in its lane: none after the lease, none that is not wanted any more. */
export class VenueCalls {
  readonly #options: VenueCallsOptions;
  readonly #lanes = new Map<string, VenueLanes>();

  constructor(options: VenueCallsOptions) {
    this.#options = options;
  }

  /**
   * Sends a write when it is its turn, unless something that was decided while it waited speaks against it. What reduces
   * or protects is sent again when it was refused for the rate.
   */
  async leave(
    deskId: string,
    venue: Venue,
    lane: Lane,
    effect: Effect,
    send: () => Promise<VenueAnswer>,
  ): Promise<Left> {
    for (let attempt = 1; ; attempt += 1) {
      const turn = this.#lanesOf(venue).turn(lane);
      if (turn !== null && !(await turn)) return { answer: TOO_MANY };
      if (turn !== null || attempt > 1) {
        const instead = this.#options.withdrawn(deskId, effect);
        if (instead !== null) return { answer: null, instead };
      }
      const answer = await this.#write(venue, send);
      const isLimited = answer.outcome === 'rejected' && answer.code === 'rate_limited';
      if (lane !== 'exit' || !isLimited || attempt >= RATE_ATTEMPTS) return { answer };
    }
  }

  /** A reading, when it is its turn; again after the pause that the venue asks for. */
  async read<T>(venue: Venue, ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const turn = this.#lanesOf(venue).turn('read');
      if (turn !== null && !(await turn)) throw new VenueUnavailable(TOO_MANY.message);
      try {
        return await ask();
      } catch (error) {
        const pauseMs = error instanceof VenueUnavailable ? error.retryAfterMs : undefined;
        if (pauseMs === undefined || attempt >= RATE_ATTEMPTS) throw error;
        this.#lanesOf(venue).close(pauseMs);
      }
    }
  }

  /** A write, when it is its turn: not after the lease, and never an exception. */
  async #write(venue: Venue, send: () => Promise<VenueAnswer>): Promise<VenueAnswer> {
    if (this.#options.leaseLeftMs() < LEASE_MARGIN_MS) {
      return { outcome: 'unknown', message: 'not sent: the lease of this process is about to end' };
    }
    try {
      const answer = await send();
      if (answer.outcome === 'rejected' && answer.code === 'rate_limited')
        this.#lanesOf(venue).close(answer.retryAfterMs || RATE_PAUSE_MS);
      return answer;
    } catch (error) {
      const pauseMs = error instanceof VenueUnavailable ? error.retryAfterMs : undefined;
      if (pauseMs !== undefined) this.#lanesOf(venue).close(pauseMs);
      return { outcome: 'unknown', message: messageOf(error) };
    }
  }

  #lanesOf(venue: Venue): VenueLanes {
    const known = this.#lanes.get(venue.venue);
    if (known !== undefined) return known;
    const lanes = new VenueLanes(this.#options.clock, venue.capabilities.rateLimit);
    this.#lanes.set(venue.venue, lanes);
    return lanes;
  }
}

/** What became of a write: the venue's answer to it, or what to decide since it was not sent. */
type Left = { answer: VenueAnswer } | { answer: null; instead: Input };

/** Our own refusal when a lane is full: nothing was sent. */
const TOO_MANY = {
  outcome: 'rejected',
  code: 'rate_limited',
  message: `not sent: ${LANE_LIMIT} calls wait for the venue already`,
} as const satisfies VenueAnswer;
