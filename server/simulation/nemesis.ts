import { dec, mul, roundToStep } from '../../shared/domain/decimal.ts';
import { BEYOND_LEASE_MS, type Strike, TRIAL_WEIGHTS } from './faults.ts';
import { SYMBOLS } from './market.ts';
import type { SimProcess } from './simProcess.ts';
import { commandAtRandom, raceAtRandom } from './users.ts';
import { TRIALS } from './userTrials.ts';
import {
  changeInstrument,
  changeLeverage,
  deleverage,
  delist,
  foreignStop,
  jumpMarketClock,
  jumpPrice,
  transfer,
} from './venueStrikes.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;

/** Something from outside happens to the world; `isLeftOut`: it does not, after all. */
export function strike(world: World, isLeftOut: boolean): void {
  const { random } = world;
  const what = random.weighted(world.plan.strikes);
  if (isLeftOut) return;
  world.interventions += 1;
  const happened = STRIKE[what](world) !== false;
  if (what === 'command' || !happened) return;
  world.coverage.count(`${what in TRIAL_WEIGHTS ? 'trial' : 'fault'}:${what}`);
  world.steps += 1;
  world.trace?.(`strike ${what}`);
}

/** False: there was nothing to strike at. */
const STRIKE: Record<Strike, (world: World) => unknown> = {
  crash_in_flight: (world) => {
    const victim = hostAtRandom(world);
    if (victim === undefined) return false;
    world.crash(victim, world.random.chance(0.5) ? 'written' : 'lost');
    return true;
  },
  pause: (world) => strikeAt(hostAtRandom(world), (host) => host.pause(world.random.between(200, 8_000))),
  pause_beyond_lease: (world) =>
    strikeAt(world.process, (owner) => owner.pause(world.random.between(...BEYOND_LEASE_MS))),
  hand_over: (world) => strikeAt(world.process, (owner) => owner.stop()),
  split: (world) =>
    strikeAt(world.process, (owner) => owner.cutDatabase(world.random.between(...BEYOND_LEASE_MS))),
  database_away: (world) =>
    strikeAt(hostAtRandom(world), (host) => host.cutDatabase(world.random.between(200, 8_000))),
  rate_limit: (world) => world.line.limit(world.random.between(500, 5_000)),
  disconnect: (world) => world.line.cut(world.random.between(200, 20_000)),
  maintenance: (world) => world.line.maintain(world.random.between(500, 10_000)),
  reads_fail: (world) => world.line.blind(world.random.between(5_000, 90_000)),
  feed_gap: (world) => world.breakFeed(world.random.between(500, 15_000)),
  clock_forward: (world) => world.shiftWallClock(clockStep(world)),
  clock_back: (world) => world.shiftWallClock(-clockStep(world)),
  market_clock: jumpMarketClock,
  price_jump: jumpPrice,
  adl: deleverage,
  leverage_change: changeLeverage,
  delisting: delist,
  instrument_change: changeInstrument,
  transfer,
  foreign_order: (world) => somebodyElseTrades(world, 'limit'),
  foreign_fill: (world) => somebodyElseTrades(world, 'market'),
  foreign_stop: foreignStop,
  decision_fails: failDecisions,
  device_lost: (world) => loseDevice(world),
  race: raceAtRandom,
  command: commandAtRandom,
  ...TRIALS,
};

/** A fault of ours: the next look of a desk throws, and then its recovery, again and again for a while. */
function failDecisions({ random, failing, now, process }: World): boolean {
  const desks = [...(process?.records() ?? [])].map(({ deskId }) => deskId);
  if (desks.length === 0) return false;
  const recoverableAt = now + random.pick([0, random.between(500, 10_000), random.between(10_000, 90_000)]);
  failing.set(random.pick(desks), { isNext: true, recoverableAt });
  return true;
}

/** A device loses its connection, and comes back for what it missed. */
function loseDevice(world: World): boolean {
  const devices = [...world.devices()];
  if (devices.length > 0) world.random.pick(devices).resume();
  return devices.length > 0;
}

/** Somebody, or daylight saving done wrong, sets the wall clock by an hour now and then. */
function clockStep({ random, plan }: World): number {
  const [small, large] = [random.between(100, 5_000), random.between(5_000, 120_000)];
  const step = random.pick([small, small, large, HOUR_MS]);
  return plan.setsHours ? HOUR_MS : step;
}

function strikeAt(host: SimProcess | undefined, run: (host: SimProcess) => void): boolean {
  if (host !== undefined) run(host);
  return host !== undefined;
}

function hostAtRandom(world: World): SimProcess | undefined {
  const hosts = [...world.hosts.values()];
  return hosts.length === 0 ? undefined : world.random.pick(hosts);
}

/** An order with the same keys from another program. */
function somebodyElseTrades(world: World, type: 'limit' | 'market'): void {
  const { random, venue, market } = world;
  const accountIds = [...venue.books.keys()];
  if (accountIds.length === 0) return;
  const accountId = random.pick(accountIds);
  const symbol = random.pick(SYMBOLS);
  const side = random.pick(['buy', 'sell'] as const);
  const instrument = market.instrument(symbol);
  if (instrument === undefined) return;
  const { mark } = market.quote(symbol);
  const away = dec(side === 'buy' ? '0.99' : '1.01');
  world.history.lastForeignAt.set(accountId, world.now);
  venue.place(
    {
      account: { accountId },
      clientOrderId: `foreign${venue.books.get(accountId)?.account.state.nextId ?? 0}`,
      symbol,
      side,
      type,
      size: mul(instrument.minSize, dec(String(random.between(100, 1_000)))),
      price: type === 'limit' ? roundToStep(mul(mark, away), instrument.tickSize, 'nearest') : null,
      triggerPrice: null,
      triggerBy: null,
      timeInForce: type === 'limit' ? 'gtc' : 'ioc',
      reduceOnly: false,
      attachedStop: null,
      notAfter: null,
    },
    'keep',
  );
}
