import { type Decimal, dec } from '../../../shared/domain/decimal.ts';
import { createSimulatedVenue } from '../../adapters/simulated/createSimulatedVenue.ts';
import { SIMULATED_INSTRUMENTS } from '../../adapters/simulated/prices/instruments.ts';
import type { ProfileName } from '../../adapters/simulated/profiles.ts';
import { MemoryVenueStore } from '../../adapters/simulated/store/memoryVenueStore.ts';
import type { VenueStore } from '../../adapters/simulated/store/venueStore.ts';
import type { VenueControl } from '../../adapters/simulated/venue/venueControl.ts';
import type { VenueFaults } from '../../adapters/simulated/venue/venueFaults.ts';
import type { PlaceOrder, Venue, VenueAnswer, VenuePush } from '../../ports/venue.ts';
import { silentLogger } from '../silentLogger.ts';
import { ManualClock } from './manualClock.ts';
import { ManualFeed, ScriptedPath } from './scriptedPath.ts';

/** A number or text as a decimal, for short tests. */
export const d = (value: number | string): Decimal => dec(String(value));

let orderCount = 0;

/** An order with the fields a test does not care about filled in. */
export function order(
  accountId: string,
  fields: Partial<PlaceOrder> & Pick<PlaceOrder, 'side' | 'size'>,
): PlaceOrder {
  orderCount++;
  return {
    account: { accountId },
    clientOrderId: `c${orderCount}`,
    symbol: 'BTCUSDT',
    type: fields.triggerPrice != null ? 'stop_market' : fields.price != null ? 'limit' : 'market',
    price: null,
    triggerPrice: null,
    triggerBy: fields.triggerPrice != null ? 'last' : null,
    timeInForce: 'gtc',
    reduceOnly: false,
    attachedStop: null,
    notAfter: null,
    ...fields,
  };
}

export interface VenueWorld {
  venue: Venue;
  control: VenueControl;
  feed: ManualFeed;
  path: ScriptedPath;
  clock: ManualClock;
  pushes: VenuePush[];
  stop(): Promise<void>;
}

export interface VenueWorldOptions {
  profile?: ProfileName;
  store?: VenueStore;
  faults?: VenueFaults;
  /** Continues on the prices and time of an earlier world. */
  feed?: ManualFeed;
  /** Accounts to open and watch, each with this deposit. */
  accounts?: string[];
  deposit?: string;
  /** False: somebody else takes the private stream. */
  listen?: boolean;
}

/** A simulated venue on scripted prices, started. */
export async function venueWorld(options: VenueWorldOptions = {}): Promise<VenueWorld> {
  const feed = options.feed ?? new ManualFeed(new ScriptedPath(SIMULATED_INSTRUMENTS));
  const clock = new ManualClock();
  const running = createSimulatedVenue({
    seed: 'unused',
    speed: 'max',
    profile: options.profile ?? 'ideal',
    store: options.store ?? new MemoryVenueStore(),
    clock,
    logger: silentLogger,
    feed,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  const pushes: VenuePush[] = [];
  await running.start();
  if (options.listen !== false) await running.venue.start((push) => pushes.push(push));
  for (const accountId of options.accounts ?? ['a']) {
    await running.venue.watch({ accountId });
    await running.venue.openAccount({ accountId }, dec(options.deposit ?? '10000'));
  }
  const { venue, control } = running;
  return { venue, control, feed, path: feed.path, clock, pushes, stop: running.stop };
}

/** The venue order id of an accepted answer; throws on any other. */
export function accepted(answer: VenueAnswer): string {
  if (answer.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(answer)}`);
  return answer.venueOrderId;
}
