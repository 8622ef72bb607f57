import { createReplayFeed } from './adapters/replay/createReplayFeed.ts';
import { symbolOf } from './adapters/replay/recording.ts';
import { createSimulatedVenue } from './adapters/simulated/createSimulatedVenue.ts';
import { PathFeed } from './adapters/simulated/feed/pathFeed.ts';
import { SIMULATED_INSTRUMENTS } from './adapters/simulated/prices/instruments.ts';
import { connectRemoteVenue } from './adapters/simulated/remote/connectRemoteVenue.ts';
import { PostgresVenueStore } from './adapters/simulated/store/postgresVenueStore.ts';
import type { Config } from './config.ts';
import type { Clock } from './ports/clock.ts';
import type { Logger } from './ports/logger.ts';
import type { MarketFeed } from './ports/marketFeed.ts';
import type { Venue } from './ports/venue.ts';
import type { VenueKeyOpener } from './ports/venueKeys.ts';

export interface ComposedVenue {
  venue: Venue;
  feed: MarketFeed;
  /** Market time moves only when everything that follows from a step has settled. */
  lockStep: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The venue that the configuration asks for: in this process, in one of its own, or trading on recorded prices. */
export async function composeVenue(
  config: Config,
  /** `keys`: of accounts at exchanges; null: where they are kept may be away. */
  options: { databaseUrl: string; clock: Clock; logger: Logger; keys: VenueKeyOpener | null },
): Promise<ComposedVenue> {
  const { clock, logger } = options;
  if (config.remoteVenue !== null) {
    const remote = connectRemoteVenue({ ...config.remoteVenue, clock, logger });
    // What the venue is called and can do is known only from its welcome, and everything else is composed from that.
    await remote.start();
    return { ...remote, start: async () => {}, lockStep: false };
  }
  const { replay, sim } = config;
  const store = new PostgresVenueStore({ url: options.databaseUrl, isUnderLease: true, clock, logger });
  if (replay === null) return { ...createSimulatedVenue({ ...sim, store, clock, logger }), lockStep: false };
  const feed = await createReplayFeed({
    file: replay.file,
    symbol: symbolOf(replay.file),
    instruments: SIMULATED_INSTRUMENTS,
    speed: replay.speed,
    ...(replay.from > 0 ? { warmUpBars: replay.from } : {}),
    createFeed: (feedOptions) => new PathFeed(feedOptions),
    clock,
    logger,
  });
  return {
    ...createSimulatedVenue({ ...sim, store, clock, logger, feed }),
    lockStep: replay.speed === 'max',
  };
}
