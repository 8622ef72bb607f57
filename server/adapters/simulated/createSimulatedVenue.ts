import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { TradableFeed } from '../../ports/tradableFeed.ts';
import type { Venue } from '../../ports/venue.ts';
import type { Pace } from './feed/marketTime.ts';
import { SimulatedFeed } from './feed/simulatedFeed.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import type { VenueStore } from './store/venueStore.ts';
import { SimulatedVenue } from './venue/simulatedVenue.ts';
import type { VenueControl } from './venue/venueControl.ts';
import { FaultyVenue, type VenueFaults } from './venue/venueFaults.ts';

/** Prices of an installation that sets no seed. */
export const DEFAULT_SEED = 'fillwire';

export interface CreateSimulatedVenue {
  /** Names the market: equal seeds give equal prices everywhere. Unused with a `feed`. */
  seed: string;
  /** Market milliseconds per wall millisecond, or `max` for lock-step. Unused with a `feed`. */
  speed: Pace;
  profile: ProfileName;
  store: VenueStore;
  clock: Clock;
  logger: Logger;
  /** Trades on these prices instead of made-up ones: a replay. */
  feed?: TradableFeed;
  /** Market time of the very first start, a full minute; the wall's minute unless given. */
  startAt?: number;
  /** Lost requests, answers and pushes, for tests and simulation. */
  faults?: VenueFaults;
}

export interface RunningVenue {
  venue: Venue;
  feed: TradableFeed;
  control: VenueControl;
  /** Opens the store and plays what the market did meanwhile. Market time goes on with `feed.start`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The simulated venue in this process, with its market. */
export function createSimulatedVenue(options: CreateSimulatedVenue): RunningVenue {
  const { clock, logger, store } = options;
  const feed = options.feed ?? new SimulatedFeed(options);
  const venue = new SimulatedVenue({ feed, profile: PROFILES[options.profile], store, clock, logger });
  return {
    venue: options.faults === undefined ? venue : new FaultyVenue(venue, options.faults, clock),
    feed,
    control: venue.control,
    start: () => venue.open(),
    stop: async () => {
      await feed.stop();
      await venue.close();
    },
  };
}
