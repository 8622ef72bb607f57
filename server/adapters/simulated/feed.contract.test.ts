import { describeMarketFeed, type FeedUnderTest } from '../../ports/marketFeed.contract.ts';
import { waitUntil } from '../../testing/patience.ts';
import { silentLogger } from '../../testing/silentLogger.ts';
import { gated } from '../../testing/venue/gatedFeed.ts';
import { ManualClock } from '../../testing/venue/manualClock.ts';
import { venueWorld } from '../../testing/venue/venueWorld.ts';
import { systemClock } from '../clock/systemClock.ts';
import { SimulatedFeed } from './feed/simulatedFeed.ts';
import { connectRemoteVenue } from './remote/connectRemoteVenue.ts';
import { VenueHost } from './remote/venueHost.ts';

const MINUTE_MS = 60_000;

describeMarketFeed('The simulated market in lock-step', async (): Promise<FeedUnderTest> => {
  const feed = new SimulatedFeed({ seed: 's', speed: 'max', clock: new ManualClock(), logger: silentLogger });
  const pass = gated(feed);
  return {
    feed,
    pass,
    stop: async () => {
      void pass(1_000_000);
      await feed.stop();
    },
  };
});

describeMarketFeed('The simulated market by the clock', async (): Promise<FeedUnderTest> => {
  const clock = new ManualClock();
  const feed = new SimulatedFeed({ seed: 's', speed: 60, clock, logger: silentLogger });
  return {
    feed,
    pass: async (minutes) => {
      for (let wallMs = 0; wallMs < minutes * 1_000; wallMs += 50) {
        clock.advance(50);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    stop: () => feed.stop(),
  };
});

describeMarketFeed('The market of a venue behind a socket', async (): Promise<FeedUnderTest> => {
  const world = await venueWorld({ listen: false });
  const market = new SimulatedFeed({ seed: 's', speed: 600, clock: systemClock, logger: silentLogger });
  const options = { host: '127.0.0.1', port: 0, token: null, clock: systemClock, logger: silentLogger };
  const host = new VenueHost({ venue: world.venue, control: world.control, feed: market, ...options });
  const url = await host.start();
  const remote = connectRemoteVenue({ url, token: '', clock: systemClock, logger: silentLogger });
  await remote.start();
  return {
    feed: remote.feed,
    pass: async (minutes) => {
      const until = remote.feed.marketTime() + (minutes + 1) * MINUTE_MS;
      await waitUntil(() => market.marketTime() >= until && remote.feed.marketTime() >= until);
    },
    stop: async () => {
      await remote.stop();
      await host.stop();
      await world.stop();
    },
  };
});
