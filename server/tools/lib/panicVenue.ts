import { systemClock } from '../../adapters/clock/systemClock.ts';
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { composeVenue } from '../../composeVenue.ts';
import type { Config } from '../../config.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MarketFeed } from '../../ports/marketFeed.ts';
import type { Venue } from '../../ports/venue.ts';

export interface OpenedVenue {
  venue: Venue;
  feed: MarketFeed;
  close(): Promise<void>;
}

const HOSTED_INSIDE =
  'The simulated venue of this installation lives inside the server and keeps its books in the same database. ' +
  'Without that database there is nothing that could be closed, and nothing that trades: bring the database back.';

/** The configured venue, without a server. Throws in words when it lives in a database that is away. */
export async function openVenue(config: Config, logger: Logger): Promise<OpenedVenue> {
  const clock = systemClock;
  // A venue of its own needs no database of ours.
  const database =
    config.remoteVenue !== null
      ? { url: '', stop: async () => {} }
      : config.database.kind === 'server'
        ? { url: config.database.url, stop: async () => {} }
        : await startEmbeddedPostgres({ dataDir: config.dataDir, logger }).catch(inside);
  try {
    const composed = await composeVenue(config, { databaseUrl: database.url, clock, logger, keys: null });
    try {
      const starting = composed.start();
      await (config.remoteVenue === null ? starting.catch(inside) : starting);
      // Prices are needed to match anything; what they are is nobody's concern here.
      await composed.feed.start({ onQuote: () => {}, onBar: () => {}, onGap: () => {} });
      await composed.venue.start(() => {});
    } catch (error) {
      await composed.stop().catch(() => {});
      throw error;
    }
    const close = async (): Promise<void> => {
      await composed.stop();
      await database.stop();
    };
    return { venue: composed.venue, feed: composed.feed, close };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

function inside(error: unknown): never {
  throw new Error(`${HOSTED_INSIDE}\n(${error instanceof Error ? error.message : String(error)})`);
}
