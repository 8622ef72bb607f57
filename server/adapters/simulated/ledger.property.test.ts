import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  type Decimal,
  gt,
  gte,
  isNegative,
  lt,
  lte,
  mul,
  neg,
  roundToStep,
  sub,
  sum,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Venue } from '../../ports/venue.ts';
import { refOf } from '../../ports/venueOrderRef.ts';
import { silentLogger } from '../../testing/silentLogger.ts';
import { ManualClock } from '../../testing/venue/manualClock.ts';
import { ManualFeed, ScriptedPath } from '../../testing/venue/scriptedPath.ts';
import { accepted, d, order, type VenueWorld, venueWorld } from '../../testing/venue/venueWorld.ts';
import { createSimulatedVenue } from './createSimulatedVenue.ts';
import { SIMULATED_INSTRUMENTS } from './prices/instruments.ts';
import { SyntheticPath } from './prices/syntheticPath.ts';
import { PROFILE_NAMES, PROFILES, type ProfileName } from './profiles.ts';
import { MemoryVenueStore } from './store/memoryVenueStore.ts';
import type { VenueBatch } from './store/venueStore.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;
const ACCOUNTS = ['a', 'b'] as const;
const PRICES = ['100', '100.3', '97.1', '94', '88.8', '103.7', '111', '125', '70.3', '99.9'];

type Action =
  | { do: 'step'; prices: number[]; count: number }
  | {
      do: 'order';
      account: string;
      symbol: string;
      side: 'buy' | 'sell';
      size: number;
      limit: number | null;
      reduceOnly: boolean;
      stop: number | null;
    }
  | { do: 'stop'; account: string; symbol: string; side: 'buy' | 'sell'; size: number; at: number }
  | { do: 'cancel'; account: string }
  | { do: 'configure'; account: string; symbol: string; leverage: number; cross: boolean };

const side = fc.constantFrom('buy' as const, 'sell' as const);
const account = fc.constantFrom(...ACCOUNTS);
const symbol = fc.constantFrom(...SYMBOLS);
const percent = fc.integer({ min: -45, max: 45 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant('step' as const),
    prices: fc.array(fc.nat(PRICES.length - 1), { minLength: 2, maxLength: 2 }),
    count: fc.constantFrom(1, 2, 700, 1_920),
  }),
  fc.record({
    do: fc.constant('order' as const),
    account,
    symbol,
    side,
    size: fc.integer({ min: 1, max: 4_000 }),
    limit: fc.option(percent, { nil: null }),
    reduceOnly: fc.boolean(),
    stop: fc.option(fc.integer({ min: 1, max: 12 }), { nil: null }),
  }),
  fc.record({
    do: fc.constant('stop' as const),
    account,
    symbol,
    side,
    size: fc.integer({ min: 1, max: 4_000 }),
    at: percent,
  }),
  fc.record({ do: fc.constant('cancel' as const), account }),
  fc.record({
    do: fc.constant('configure' as const),
    account,
    symbol,
    leverage: fc.integer({ min: 1, max: 100 }),
    cross: fc.boolean(),
  }),
);
const actions = fc.array(action, { minLength: 5, maxLength: 60 });

/** Keeps what was committed as text, each kind in the order it was; how it was grouped into commits does not matter. */
class JournalStore extends MemoryVenueStore {
  readonly #rows: { fills: string[]; bills: string[]; orders: string[] } = {
    fills: [],
    bills: [],
    orders: [],
  };

  get journal(): string[] {
    return [...this.#rows.fills, ...this.#rows.bills, ...this.#rows.orders];
  }

  override async commit(batch: VenueBatch): Promise<void> {
    for (const kind of ['fills', 'bills', 'orders'] as const) {
      for (const row of batch[kind]) this.#rows[kind].push(JSON.stringify(row));
    }
    await super.commit(batch);
  }
}

const hundredth = (value: number): Decimal => d((value / 100).toFixed(2));

async function act(world: VenueWorld, step: Action, index: number): Promise<void> {
  const { venue, path, feed } = world;
  if (step.do === 'step') {
    for (const [i, name] of SYMBOLS.entries()) path.script(name, PRICES[step.prices[i] ?? 0] ?? '100');
    await feed.advance(step.count);
    return;
  }
  const ref = { accountId: step.account };
  if (step.do === 'cancel') {
    const [first] = (await venue.readAccount(ref)).orders;
    if (first !== undefined) await venue.cancelOrder(ref, first.symbol, refOf(first));
    return;
  }
  if (step.do === 'configure') {
    await venue.configureSymbol(ref, step.symbol, step.leverage, step.cross ? 'cross' : 'isolated');
    return;
  }
  const last = feed.latest(step.symbol).last;
  const off = (tenths: number): Decimal => d((Number(last) * (1 + tenths / 1_000)).toFixed(1));
  const common = {
    symbol: step.symbol,
    side: step.side,
    size: hundredth(step.size),
    clientOrderId: `p${index}`,
  };
  if (step.do === 'stop') {
    await venue.placeOrder(order(step.account, { ...common, triggerPrice: off(step.at), reduceOnly: true }));
    return;
  }
  const stopAt = step.stop === null ? null : off(step.side === 'buy' ? -step.stop * 10 : step.stop * 10);
  await venue.placeOrder(
    order(step.account, {
      ...common,
      price: step.limit === null ? null : off(step.limit),
      reduceOnly: step.reduceOnly,
      attachedStop: stopAt === null || step.reduceOnly ? null : { triggerPrice: stopAt, triggerBy: 'mark' },
    }),
  );
}

async function play(
  script: Action[],
  profile: ProfileName,
): Promise<{ world: VenueWorld; store: JournalStore }> {
  const feed = new ManualFeed(new ScriptedPath(SIMULATED_INSTRUMENTS));
  feed.path.depthSize = d('7');
  const store = new JournalStore();
  const world = await venueWorld({ profile, feed, store, accounts: [...ACCOUNTS], deposit: '1500' });
  for (const [index, step] of script.entries()) await act(world, step, index);
  return { world, store };
}

describe.each(PROFILE_NAMES)('random order flow, %s', (profile) => {
  test('[SIM-30] bills and fills add up to the balance, fills to the positions, and nothing repeats', async () => {
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        const { world, store } = await play(script, profile);
        for (const accountId of ACCOUNTS) {
          const ref = { accountId };
          const state = await world.venue.readAccount(ref);
          const fills = await world.venue.fillsSince(ref, 0);
          const bills = await world.venue.billsSince(ref, 0);
          // As it is, whatever of it is told.
          const known = await store.fillsSince(accountId, 0);
          const traded = sum(
            known.map(({ realisedPnl, fee, feeCoin }) =>
              sub(realisedPnl ?? ZERO, feeCoin === 'USDT' ? fee : ZERO),
            ),
          );
          expect(state.balances.USDT).toBe(add(sum(bills.map((bill) => bill.amount)), traded));
          expect(isNegative(state.balances.USDT ?? ZERO)).toBe(false);
          for (const name of SYMBOLS) {
            const net = sum(
              fills.flatMap((f) => (f.symbol === name ? [f.side === 'buy' ? f.size : neg(f.size)] : [])),
            );
            const held = state.positions.find((position) => position.symbol === name);
            const signed = held === undefined ? ZERO : held.direction === 'long' ? held.size : neg(held.size);
            expect(net).toBe(signed);
          }
          const { gap, share } = PROFILES[profile].cursors;
          for (const rows of [fills, bills])
            expect(rows.map((row) => row.cursor)).toEqual(
              rows.map((_row, index) => gap * Math.ceil((index + 1) / share)),
            );
          expect(new Set(fills.map((fill) => fill.fillId)).size).toBe(fills.length);
          // No reduce-only order is left over where there is nothing to reduce.
          const symbols = new Set(state.positions.map((position) => position.symbol));
          expect(state.orders.filter((one) => one.reduceOnly && !symbols.has(one.symbol))).toEqual([]);
          if (world.venue.capabilities.positionStops === 'one') {
            const stops = state.orders.filter((one) => one.type === 'stop_market' && one.status === 'open');
            expect(new Set(stops.map((stop) => stop.symbol)).size).toBe(stops.length);
          }
        }
      }),
      { numRuns: 40, seed: 20261122 },
    );
  });

  test('[SIM-34] no step leaves behind a stop that was reached, a limit that was touched or margin that was gone', async () => {
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        const { world } = await play(script, profile);
        world.path.depthSize = d('100000');
        await world.feed.advance(2);
        for (const accountId of ACCOUNTS) {
          const state = await world.venue.readAccount({ accountId });
          for (const one of state.orders) {
            const { last } = world.feed.latest(one.symbol);
            const sells = one.side === 'sell';
            if (one.triggerPrice !== null)
              expect(sells ? gt(last, one.triggerPrice) : lt(last, one.triggerPrice)).toBe(true);
            if (one.price !== null) expect(sells ? lt(last, one.price) : gt(last, one.price)).toBe(true);
          }
          for (const { symbol: held, direction, liquidationPrice } of state.positions) {
            if (liquidationPrice === null) continue;
            const { mark } = world.feed.latest(held);
            expect(direction === 'long' ? gte(mark, liquidationPrice) : lte(mark, liquidationPrice)).toBe(
              true,
            );
          }
        }
      }),
      { numRuns: 40, seed: 20261122 },
    );
  });

  test('[SIM-31] the same inputs on the same prices give the same journal, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        const first = await play(script, profile);
        const second = await play(script, profile);
        expect(second.store.journal.join('\n')).toBe(first.store.journal.join('\n'));
        expect(JSON.stringify(second.world.pushes)).toBe(JSON.stringify(first.world.pushes));
      }),
      { numRuns: 15, seed: 20261122 },
    );
  });

  test('[SIM-32] a venue that was down and plays what it missed ends where one that was up does', async () => {
    await fc.assert(
      fc.asyncProperty(actions, fc.integer({ min: 1, max: 5_000 }), async (script, missed) => {
        const up = await play(script, profile);
        await up.world.feed.advance(missed);
        const down = await play(script, profile);
        await down.world.stop();
        down.world.feed.skip(missed);
        const back = await venueWorld({ profile, store: down.store, feed: down.world.feed, accounts: [] });
        for (const accountId of ACCOUNTS) {
          expect(await back.venue.readAccount({ accountId })).toEqual(
            await up.world.venue.readAccount({ accountId }),
          );
        }
        expect(down.store.journal).toEqual(up.store.journal);
      }),
      { numRuns: 15, seed: 20261122 },
    );
  });
});

test('[SIM-32] on made-up prices too, where quiet minutes are passed over', async () => {
  const path = new SyntheticPath('quiet minutes');
  for (let start = 0; start < 12; start++) {
    const venueOn = async (feed: ManualFeed<SyntheticPath>, store: JournalStore, accounts: string[]) => {
      const running = createSimulatedVenue({
        seed: '',
        speed: 'max',
        profile: 'ideal',
        store,
        feed,
        clock: new ManualClock(),
        logger: silentLogger,
      });
      await running.start();
      for (const accountId of accounts) await running.venue.openAccount({ accountId }, d('100000'));
      return running;
    };
    const trade = async (venue: Venue, feed: ManualFeed<SyntheticPath>) => {
      for (const [index, symbol] of SYMBOLS.entries()) {
        const { last } = feed.latest(symbol);
        const off = (factor: string) => roundToStep(mul(last, d(factor)), d('0.1'), 'nearest');
        const fields = { symbol, size: d('0.5'), clientOrderId: `q${index}` };
        const stop = {
          triggerPrice: off('0.994'),
          triggerBy: index === 0 ? ('mark' as const) : ('last' as const),
        };
        accepted(await venue.placeOrder(order('a', { ...fields, side: 'buy', attachedStop: stop })));
        const exit = { ...fields, clientOrderId: `x${index}`, side: 'sell' as const, reduceOnly: true };
        accepted(await venue.placeOrder(order('a', { ...exit, price: off('1.006') })));
      }
    };
    const [upStore, downStore] = [new JournalStore(), new JournalStore()];
    const [upFeed, downFeed] = [new ManualFeed(path), new ManualFeed(path)];
    for (const feed of [upFeed, downFeed]) feed.skip(start * 7_001);
    const up = await venueOn(upFeed, upStore, ['a']);
    await trade(up.venue, upFeed);
    await upFeed.advance(6_000);
    const down = await venueOn(downFeed, downStore, ['a']);
    await trade(down.venue, downFeed);
    await down.stop();
    downFeed.skip(6_000);
    await venueOn(downFeed, downStore, []);
    expect(upStore.journal.length).toBeGreaterThan(6);
    expect(downStore.journal).toEqual(upStore.journal);
  }
});

test('[SIM-33] what another account does changes nothing of an account', async () => {
  await fc.assert(
    fc.asyncProperty(actions, async (script) => {
      const alone = await play(
        script.filter((step) => step.do === 'step' || step.account === 'a'),
        'ideal',
      );
      const together = await play(script, 'ideal');
      const essence = async (world: VenueWorld) => {
        const { balances, positions } = await world.venue.readAccount({ accountId: 'a' });
        const fills = await world.venue.fillsSince({ accountId: 'a' }, 0);
        return { balances, positions, fills: fills.map(({ clientOrderId: _id, ...fill }) => fill) };
      };
      expect(await essence(together.world)).toEqual(await essence(alone.world));
    }),
    { numRuns: 25, seed: 20261122 },
  );
});

test('[SIM-30] the generator reaches fills, stops, liquidations, funding and adjustments', async () => {
  const script = fc.sample(actions, { numRuns: 120, seed: 7 }).flat();
  const sources = new Set<string>();
  for (let from = 0; from < script.length; from += 60) {
    const { world } = await play(script.slice(from, from + 60), 'ideal');
    for (const push of world.pushes) {
      if (push.type === 'fill') sources.add(`fill ${push.fill.source} ${push.fill.liquidity}`);
      if (push.type === 'bill') sources.add(`bill ${push.bill.kind}`);
    }
  }
  expect([...sources].sort()).toEqual([
    'bill adjustment',
    'bill funding',
    'bill transfer',
    'fill liquidation taker',
    'fill order maker',
    'fill order taker',
    'fill stop taker',
  ]);
});
