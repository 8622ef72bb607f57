import { resolve } from 'node:path';
import { steadyClock } from '../adapters/clock/steadyClock.ts';
import { systemClock } from '../adapters/clock/systemClock.ts';
import { createPinoLogger } from '../adapters/logging/pinoLogger.ts';
import { startEmbeddedPostgres } from '../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { surviveStrayRejections } from '../adapters/postgres/strayRejections.ts';
import { createSimulatedVenue } from '../adapters/simulated/createSimulatedVenue.ts';
import { readVenueConfig, type VenueConfig } from '../adapters/simulated/remote/venueConfig.ts';
import { VenueHost } from '../adapters/simulated/remote/venueHost.ts';
import { PostgresVenueStore } from '../adapters/simulated/store/postgresVenueStore.ts';

/** `npm run venue`: the simulated venue as a process of its own, which trades on while servers come and go. */
const logger = createPinoLogger({ level: 'info', fields: { program: 'venue' } });

async function run(config: VenueConfig): Promise<void> {
  // The market does not jump when somebody sets the machine's clock.
  const clock = steadyClock(systemClock);
  surviveStrayRejections(logger);
  const database =
    config.databaseUrl === null
      ? await startEmbeddedPostgres({ dataDir: resolve(config.dataDir), logger })
      : { url: config.databaseUrl, stop: async () => {} };
  const store = new PostgresVenueStore({ url: database.url, clock, logger });
  const market = createSimulatedVenue({ ...config, store, clock, logger });
  await market.start();
  const host = new VenueHost({
    ...config,
    venue: market.venue,
    feed: market.feed,
    control: market.control,
    clock,
    logger,
  });
  const url = await host.start();
  logger.info(
    { url, speed: config.speed, profile: config.profile, simulated: true },
    'the simulated venue listens',
  );
  process.send?.({ url });

  let stopping = false;
  const stop = async (): Promise<void> => {
    await host.stop();
    await market.stop();
    await database.stop();
    logger.info({}, 'the simulated venue stopped');
    process.exitCode = 0;
    process.disconnect?.();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void stop();
    });
  }
}

const config = readVenueConfig(process.env);
if ('problems' in config) {
  for (const problem of config.problems) logger.error({}, problem);
  process.exitCode = 2;
} else {
  run(config).catch((error: unknown) => {
    logger.error({ err: error }, 'the simulated venue could not start');
    process.exit(1);
  });
}
