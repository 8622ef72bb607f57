import { describeVenue, type VenueUnderTest } from '../../ports/venue.contract.ts';
import type { VenuePush } from '../../ports/venue.ts';
import { testDatabase } from '../../testing/postgres.ts';
import { silentLogger } from '../../testing/silentLogger.ts';
import { type VenueWorld, venueWorld } from '../../testing/venue/venueWorld.ts';
import { systemClock } from '../clock/systemClock.ts';
import { PROFILE_NAMES } from './profiles.ts';
import { connectRemoteVenue } from './remote/connectRemoteVenue.ts';
import { VenueHost } from './remote/venueHost.ts';
import { PostgresVenueStore } from './store/postgresVenueStore.ts';

function underTest(world: VenueWorld, stop: () => Promise<void>): VenueUnderTest {
  return {
    venue: world.venue,
    pushes: world.pushes,
    price: async (price) => {
      world.path.script('BTCUSDT', price);
      await world.feed.advance(1);
    },
    list: (status) => world.control.changeInstrument('BTCUSDT', { status }),
    stop,
  };
}

for (const profile of PROFILE_NAMES) {
  describeVenue(`The simulated venue in memory, ${profile}`, async () => {
    const world = await venueWorld({ accounts: [], profile });
    return underTest(world, world.stop);
  });
}

describeVenue('The simulated venue on PostgreSQL', async () => {
  const database = await testDatabase('empty');
  const store = new PostgresVenueStore({ url: database.url, clock: systemClock, logger: silentLogger });
  const world = await venueWorld({ accounts: [], store });
  return underTest(world, async () => {
    await world.stop();
    await database.drop();
  });
});

describeVenue('The simulated venue behind a socket', async () => {
  const world = await venueWorld({ accounts: [], listen: false });
  const host = new VenueHost({
    venue: world.venue,
    control: world.control,
    feed: world.feed,
    host: '127.0.0.1',
    port: 0,
    token: 'a'.repeat(32),
    clock: systemClock,
    logger: silentLogger,
  });
  const url = await host.start();
  const remote = connectRemoteVenue({ url, token: 'a'.repeat(32), clock: systemClock, logger: silentLogger });
  await remote.start();
  const pushes: VenuePush[] = [];
  await remote.venue.start((push) => pushes.push(push));
  return {
    ...underTest(world, async () => {
      await remote.stop();
      await host.stop();
      await world.stop();
    }),
    venue: remote.venue,
    pushes,
  };
});
