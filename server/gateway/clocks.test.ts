import { expect, it } from 'vitest';
import { sampleQuote } from '../testing/fakeMarketData.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

/** Hours apart, as they are at 60x. */
const WALL = Date.UTC(2026, 10, 27, 9);
const MARKET = Date.UTC(2026, 10, 29, 21);

it('[MET-13] ping tells the server’s clock and each venue’s', async () => {
  const clock = new ManualClock(WALL);
  const world = await start({ clock });
  world.market.marketTime = MARKET;
  const client = await world.session(await world.user());
  clock.advance(40);
  expect(await client.request('ping', {})).toMatchObject({
    result: { serverTime: WALL + 40, marketTimes: { sim: MARKET } },
  });
});

it('[MET-13] what a push says outside is by the server’s clock, what a quote says by the venue’s', async () => {
  const clock = new ManualClock(WALL);
  const world = await start({ clock });
  world.market.quote(sampleQuote('BTCUSDT', 100, MARKET));
  const client = await world.session(await world.user());
  await client.request('subscribe', { channels: ['ticker:sim.BTCUSDT'] });
  await client.until(() => client.of('ticker:sim.BTCUSDT').length === 1);
  expect(client.of('ticker:sim.BTCUSDT')).toMatchObject([{ ts: WALL, data: { ts: MARKET } }]);
});

it.each([
  ['history.bills', { botId: 'b1' }, 'accountId, from, to, cursor, limit, symbol'],
  ['history.equity', { botId: 'b1' }, 'accountId, from, to, cursor, limit'],
  ['history.equity', { symbol: 'BTCUSDT' }, 'accountId, from, to, cursor, limit'],
] as const)(
  '[MET-10] %s by %o, which its rows lack, is refused with what it may be filtered by',
  async (op, args, allowed) => {
    const world = await start();
    const client = await world.session(await world.user());
    const [field] = Object.keys(args);
    expect(await client.request(op, args as object)).toMatchObject({
      ok: false,
      error: {
        code: 'bad_request',
        message: `args.${field}: unknown field; allowed: ${allowed}`,
      },
    });
  },
);
