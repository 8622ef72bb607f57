import { expect, it } from 'vitest';
import type { OpName } from '../../shared/protocol/ops.ts';
import { sampleQuote } from '../testing/fakeMarketData.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const SYMBOLS = ['BTC.P', 'BTC_USDT-27NOV', '币安人生USDT', 'Ωmega2', '1'];

it.each(SYMBOLS)('[MET-16] %s, which a venue lists, is taken by ops and channels', async (symbol) => {
  const world = await start({ symbols: [symbol] });
  world.market.quote(sampleQuote(symbol, 100));
  const client = await world.session(await world.user());
  const channels = [`ticker:sim.${symbol}`, `candles:sim.${symbol}.1m`];
  expect(await client.request('subscribe', { channels })).toMatchObject({ ok: true });
  await client.until(() => channels.every((channel) => client.of(channel).length > 0));
  const ops: [OpName, object][] = [
    ['market.candles', { venue: 'sim', symbol, interval: '1m' }],
    ['history.fills', { symbol }],
  ];
  for (const [op, args] of ops) expect(await client.request(op, args as never)).toMatchObject({ ok: true });
});

it.each(['', '.', 'BTC.', 'BTC USDT', 'BTC/USDT', 'BTC:USDT', 'B'.repeat(40)])(
  '[MET-16] %j is no symbol',
  async (symbol) => {
    const world = await start();
    const client = await world.session(await world.user());
    expect(await client.request('history.fills', { symbol })).toMatchObject({
      error: { code: 'bad_request', details: { issues: [{ path: 'args.symbol' }] } },
    });
  },
);
