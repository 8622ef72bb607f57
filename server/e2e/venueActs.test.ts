import { expect, it } from 'vitest';
import {
  type Decimal,
  dec,
  div,
  gte,
  isMultipleOf,
  isPositive,
  mul,
  roundToStep,
} from '../../shared/domain/decimal.ts';
import type { Position } from '../../shared/domain/position.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { deniedFor } from '../testing/e2e/deniedFor.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

const cleanups = cleanupsAfterEach();

const SYMBOL = 'BTCUSDT';
/** Market seconds per second: bars of a minute close every half second. */
const SPEED = '120';
/** Wide enough that nothing but the venue ends a position. */
const WIDE = {
  ...{ stopLossPct: 8, takeProfitPct: 20, maxHoldMinutes: 10_000 },
  ...{ firstSharePct: 0, secondSharePct: 0 },
};

/** Two people whose bots trade the same symbol at one venue. */
async function started(profile = 'ideal') {
  const venue = await VenueProcess.start({ SIM_SPEED: SPEED, SIM_PROFILE: profile });
  cleanups.push(() => venue.stop());
  const server = await ServerProcess.start({ env: venue.env });
  cleanups.push(() => server.stop());
  const ada = await trading(server.url);
  const bob = await trading(server.url);
  return { venue, server, ada, bob };
}

async function trading(url: string) {
  const trader = await Trader.register(url);
  cleanups.push(() => trader.close());
  const [pc, phone] = [await trader.device('pc'), await trader.device('phone')];
  const account = await pc.firstAccount();
  const botId = await pc.createBot(account, SYMBOL, { params: WIDE });
  return { trader, pc, phone, accountId: account.accountId, botId };
}
type Desk = Awaited<ReturnType<typeof trading>>;

const held = (device: Device): Position | undefined =>
  Object.values(device.view.positions).find(({ symbol, size }) => symbol === SYMBOL && isPositive(size));

/** Its bot runs and holds a position under a resting stop. */
async function holding({ pc, botId }: Desk): Promise<Position> {
  await pc.client.request('bots.start', { botId });
  return pc.until('a protected position', () => {
    const position = held(pc);
    return position?.stop?.state === 'resting' ? position : undefined;
  });
}

/** Stands still, and then the books are the venue's and no position was ever without its stop for longer than may be. */
async function agrees(
  venue: VenueProcess,
  server: ServerProcess,
  { trader, pc, phone }: Desk,
): Promise<void> {
  await pc.client.request('bots.stopAll', {});
  await eventually('no position and no order', () => {
    const { positions, orders } = pc.view;
    return Object.keys(positions).length + Object.keys(orders).length === 0;
  });
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, pc.client);
  await agreesWithLog(server.databaseUrl, trader.userId, phone.client);
  expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
  expect(stored.events.filter(({ kind }) => kind === 'Unprotected')).toEqual([]);
}

const stopsAt = async (venue: VenueProcess, accountId: string) =>
  (await venue.venue.readAccount({ accountId })).orders.filter(({ type }) => type === 'stop_market');

it.each(['ideal', 'v2-like'])(
  '[E2E-70] [BOT-14] [INV-5] [INV-9] [INV-11] at %s auto-deleveraging of part of a bot’s position halts the bot and says why; what is left is never naked, and another user’s desk sees nothing of it',
  async (profile) => {
    const { venue, server, ada, bob } = await started(profile);
    const position = await holding(ada);
    await holding(bob);
    const [bobsFrames, adasFrames] = [bob.pc.frames.length, ada.phone.frames.length];
    const bobsCursor = (await venue.venue.readAccount({ accountId: bob.accountId })).cursors.fills;
    const half = roundToStep(div(position.size, dec('2')), dec('0.0001'), 'up');
    await venue.control.deleverage({ accountId: ada.accountId }, SYMBOL, half);

    // Both of her devices are told, with the reason.
    for (const device of [ada.pc, ada.phone]) {
      const bot = await device.until('the bot is halted', () => {
        const found = device.bot(ada.botId);
        return found.state === 'halted' ? found : undefined;
      });
      expect(bot.reason).toEqual({ code: 'forced', figures: { by: 'adl' } });
    }
    const fill = ada.phone.frames
      .slice(adasFrames)
      .find((frame) => frame.kind === 'FillRecorded' && frame.data.fill.source === 'adl');
    expect(fill).toBeDefined();
    // Closed, or for all of what is left a stop rests at the venue.
    await eventually('nothing is naked', async () => {
      const { positions, orders } = await venue.venue.readAccount({ accountId: ada.accountId });
      const [left] = positions.filter(({ symbol }) => symbol === SYMBOL);
      return (
        left === undefined ||
        orders.some((one) => one.type === 'stop_market' && gte(one.size ?? left.size, left.size))
      );
    });
    // To the other it never happened.
    expect(bob.pc.bot(bob.botId).state).toBe('running');
    const heard = bob.pc.frames.slice(bobsFrames);
    expect(JSON.stringify(heard)).not.toMatch(/\badl\b/);
    const fills = await venue.venue.fillsSince({ accountId: bob.accountId }, bobsCursor);
    expect(fills.filter(({ source }) => source !== 'order')).toEqual([]);
    expect((await stopsAt(venue, bob.accountId)).length).toBe(1);

    await agrees(venue, server, ada);
    await agrees(venue, server, bob);
  },
);

it('[E2E-71] [BOT-30] [BOT-14] [PROT-31] a symbol that is delisted with bots in it: they close, are halted and say so; when it ends nothing of it is left, and nobody starts there again', async () => {
  const { venue, server, ada, bob } = await started();
  await holding(ada);
  await holding(bob);
  await venue.control.changeInstrument(SYMBOL, { status: 'close_only' });
  for (const { pc, phone, botId, accountId } of [ada, bob]) {
    for (const device of [pc, phone]) {
      await device.until(
        'the bot has left',
        () => device.bot(botId).state === 'halted' && held(device) === undefined,
      );
      expect(device.bot(botId).reason?.code).toMatch(/^delist/);
      const alert = Object.values(device.view.alerts).find(({ code }) => code === 'symbol_delisted');
      expect(alert).toMatchObject({ severity: 'critical', botId });
    }
    expect((await venue.venue.readAccount({ accountId })).positions).toEqual([]);
  }
  await ada.pc.client.request('bots.stop', { botId: ada.botId });
  await ada.pc.quiet();
  const entry = {
    accountId: ada.accountId,
    symbol: SYMBOL,
    side: 'buy',
    type: 'market',
    size: '0.01',
  } as const;
  await expect(ada.pc.client.request('orders.submit', entry)).rejects.toMatchObject({
    code: 'denied',
    details: deniedFor('instrument_status'),
  });

  await venue.control.endInstrument(SYMBOL);
  await eventually('nobody lists it any more', async () => {
    const { instruments } = await ada.pc.client.request('market.instruments', { venue: 'sim' });
    return !instruments.some((one) => one.symbol === SYMBOL);
  });
  await agrees(venue, server, ada);
  await agrees(venue, server, bob);
  await expect(ada.pc.client.request('bots.start', { botId: ada.botId })).rejects.toMatchObject({
    code: 'denied',
  });
  // A server that comes up without it has the same desks.
  await server.restart('SIGTERM');
  await ada.pc.live();
  await agrees(venue, server, ada);
});

it('[E2E-72] [BOT-14] [INV-9] a symbol that ends under open positions settles them: the bots halt with the books of the venue, and the other symbols trade on', async () => {
  const { venue, server, ada, bob } = await started();
  await holding(ada);
  await venue.control.endInstrument(SYMBOL);
  await ada.phone.until(
    'the bot is halted and its position settled',
    () => ada.phone.bot(ada.botId).state === 'halted' && held(ada.phone) === undefined,
  );
  const elsewhere = { accountId: bob.accountId, symbol: 'ETHUSDT', type: 'market', size: '0.1' } as const;
  for (const side of ['buy', 'sell'] as const) {
    const reduceOnly = side === 'sell';
    const sent = await bob.pc.submit({ ...elsewhere, side, reduceOnly });
    const orderId = 'orderId' in sent ? sent.orderId : '';
    await bob.phone.until('it is filled', ({ closedOrders }) =>
      closedOrders.some((one) => one.orderId === orderId && one.status === 'filled'),
    );
  }
  await agrees(venue, server, bob);
  await agrees(venue, server, ada);
});

it('[E2E-73] [PROT-31] [INV-6] when a tick size changes, the next stops are placed on the new grid', async () => {
  const { venue, server, ada } = await started();
  const position = await holding(ada);
  const tickSize = dec('5');
  await venue.control.changeInstrument(SYMBOL, { tickSize, minNotional: dec('20') });
  await eventually('the server knows it', async () => {
    const { instruments } = await ada.pc.client.request('market.instruments', { venue: 'sim' });
    return instruments.some((one) => one.symbol === SYMBOL && one.tickSize === tickSize);
  });
  const onGrid = (price: Decimal | null): boolean => price !== null && isMultipleOf(price, tickSize);
  // Of what is open: moved by hand to where the old grid had a price, it is refused or lies on the new one.
  const [resting] = await stopsAt(venue, ada.accountId);
  const away = mul(resting?.triggerPrice ?? dec('0'), dec(position.direction === 'long' ? '0.999' : '1.001'));
  const stopPrice = roundToStep(away, tickSize, 'down');
  await ada.pc.client.request('positions.setStop', {
    accountId: ada.accountId,
    symbol: SYMBOL,
    triggerPrice: stopPrice,
  });
  await eventually('the stop is on the new grid', async () => {
    const stops = await stopsAt(venue, ada.accountId);
    return stops.length === 1 && onGrid(stops[0]?.triggerPrice ?? null);
  });
  // Of what the bot enters next.
  await ada.pc.client.request('bots.stop', { botId: ada.botId });
  await ada.pc.quiet();
  await holding(ada);
  await eventually('the next entry’s stop is on the new grid', async () => {
    const stops = await stopsAt(venue, ada.accountId);
    return stops.length === 1 && onGrid(stops[0]?.triggerPrice ?? null);
  });
  await agrees(venue, server, ada);
});
