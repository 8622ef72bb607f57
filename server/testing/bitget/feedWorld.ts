import { onTestFinished } from 'vitest';
import { openAccess } from '../../adapters/bitget/access.ts';
import { BitgetFeed } from '../../adapters/bitget/feed/bitgetFeed.ts';
import type { Family } from '../../adapters/bitget/told/accountFacts.ts';
import { startStandIn } from '../../standIn/bitget/startStandIn.ts';
import type { Switches } from '../../standIn/bitget/switches.ts';
import { waitUntil } from '../patience.ts';
import { ManualClock } from '../venue/manualClock.ts';

const STEP_MS = 1_000;
const MINUTE_MS = 60_000;

/** The feed on a stand-in, both on a clock that stands still until a test lets it go on. */
export async function bitgetFeedWorld(family: Family, switches: Partial<Switches> = {}) {
  const clock = new ManualClock();
  const standIn = await startStandIn({ clock, switches });
  onTestFinished(() => standIn.stop());
  const place = { restUrl: standIn.url, wsUrl: standIn.wsUrl, demo: false, addressCallsPerMinute: 3_000 };
  const access = openAccess(place, clock, () => 0.5);
  // Time goes on only while no answer is on its way: none is late because the machine is busy.
  let asked = 0;
  const { calls } = access;
  const send = calls.call.bind(calls);
  calls.call = async (...args) => {
    asked += 1;
    try {
      return await send(...args);
    } finally {
      asked -= 1;
    }
  };
  const isServed = (symbol: string) => symbol === 'BTCUSDT' || symbol === 'ETHUSDT';
  const feed = new BitgetFeed({ venue: 'bitget', name: 'Bitget', access, family, isServed });
  onTestFinished(() => feed.stop());
  const passMs = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      clock.advance(STEP_MS);
      await waitUntil(() => asked <= access.limiter.waiting);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { feed, standIn, clock, access, passMs, pass: (minutes: number) => passMs(minutes * MINUTE_MS) };
}
