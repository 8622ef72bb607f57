import { describe, expect, test } from 'vitest';
import { type StandInWorld, standInWorld } from '../../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';

const cleanups = cleanupsAfterEach();
const BTC = { category: 'USDT-FUTURES', symbol: 'BTCUSDT' };
const BUY = { ...BTC, side: 'buy', orderType: 'market', qty: '0.02' };
const STOP = { ...BTC, type: 'tpsl', tpslMode: 'full', side: 'sell', posSide: 'long' };
type Row = Record<string, string>;

const place = (world: StandInWorld, params: object) =>
  world.post('/api/v3/trade/place-order', { ...BUY, ...params });
const placeStop = (world: StandInWorld, params: object) =>
  world.post('/api/v3/trade/place-strategy-order', { ...STOP, ...params });
const idOf = ({ data }: { data: unknown }): string => (data as { orderId: string }).orderId;
const pending = async (world: StandInWorld): Promise<Row[]> =>
  ((await world.get('/api/v3/trade/unfilled-strategy-orders', BTC)).data as Row[] | null) ?? [];
const orders = async (world: StandInWorld): Promise<Row[]> => {
  const { data } = await world.get('/api/v3/trade/history-orders', BTC);
  return (data as { list: Row[] | null }).list ?? [];
};
const size = (world: StandInWorld): string | undefined => world.control.truth('k').positions[0]?.size;

describe('the stop of an entry', () => {
  test('[STAND-8] comes to rest with the first fill, and is of the whole position', async () => {
    const world = await standInWorld(cleanups);
    const entry = idOf(await place(world, { orderType: 'limit', price: '59000', stopLoss: '58000' }));
    expect(await pending(world)).toEqual([]);
    world.control.tradeAgainst('k', entry, '0.005');
    expect(await pending(world)).toMatchObject([{ stopLoss: '58000', slTriggerBy: 'market', qty: '' }]);
    world.control.tradeAgainst('k', entry, '0.015');
    expect(await pending(world)).toHaveLength(1);
    expect(world.control.truth('k').stops).toMatchObject([{ mode: 'full', stopLoss: '58000' }]);
  });

  test('[STAND-8] is the one stop of the position: that of an addition takes its place', async () => {
    const world = await standInWorld(cleanups);
    await place(world, { stopLoss: '58000' });
    await place(world, { stopLoss: '58500', slTriggerBy: 'mark' });
    expect(await pending(world)).toMatchObject([{ stopLoss: '58500', slTriggerBy: 'mark' }]);
    expect((await placeStop(world, { stopLoss: '58600' })).code).toBe('25599');
    expect((await placeStop(world, { stopLoss: '58600', tpslMode: 'partial', qty: '0.01' })).code).toBe(
      '00000',
    );
    expect(await pending(world)).toHaveLength(2);
  });

  test('[STAND-3] does not come to rest where that is the fault', async () => {
    const world = await standInWorld(cleanups);
    world.control.loseAttachedStops('k', true);
    await place(world, { stopLoss: '58000' });
    expect(await pending(world)).toEqual([]);
  });
});

describe('a stop', () => {
  test('[STAND-8] that is reached becomes an order of its own, which its query and its client id name', async () => {
    const world = await standInWorld(cleanups);
    await place(world, {});
    const stop = idOf(await placeStop(world, { stopLoss: '59000', takeProfit: '62000' }));
    world.control.price('BTCUSDT', '58950');
    expect(size(world)).toBeUndefined();
    const [made] = await orders(world);
    expect(made).toMatchObject({ clientOid: stop, side: 'sell', execType: 'stop_loss', avgPrice: '58950' });
    expect(made?.orderId).not.toBe(stop);
    const sub = await world.get('/api/v3/trade/strategy-sub-orders', { orderId: stop });
    expect(sub.data).toMatchObject([{ orderId: made?.orderId, status: 'success' }]);
    const past = await world.get('/api/v3/trade/history-strategy-orders', { ...BTC, type: 'tpsl' });
    expect(past.data).toMatchObject({ list: [{ orderId: stop, status: 'success' }] });
    expect(await pending(world)).toEqual([]);
  });

  test('[STAND-8] fires by the price it says, the last one or the mark', async () => {
    const world = await standInWorld(cleanups);
    await place(world, {});
    await placeStop(world, { stopLoss: '59000', slTriggerBy: 'mark' });
    world.control.price('BTCUSDT', { last: '58000', mark: '59500' });
    expect(size(world)).toBe('0.02');
    world.control.price('BTCUSDT', { last: '60000', mark: '59000' });
    expect(size(world)).toBeUndefined();
  });

  test('[STAND-8] on the wrong side, of no position or of the wrong direction is refused', async () => {
    const world = await standInWorld(cleanups);
    expect((await placeStop(world, { stopLoss: '59000' })).code).toBe('25227');
    await place(world, {});
    expect((await placeStop(world, { stopLoss: '60500' })).code).toBe('40917');
    expect((await placeStop(world, { takeProfit: '59500' })).code).toBe('40917');
    expect((await placeStop(world, { stopLoss: '59000', side: 'buy' })).code).toBe('25236');
    expect((await placeStop(world, {})).code).toBe('40020');
    const orderId = idOf(await placeStop(world, { stopLoss: '59000' }));
    const change = (stopLoss: string) =>
      world.post('/api/v3/trade/modify-strategy-order', { orderId, stopLoss });
    expect((await change('60500')).code).toBe('40917');
    expect((await change('59500')).code).toBe('00000');
    expect(await pending(world)).toMatchObject([{ stopLoss: '59500' }]);
  });

  test('[STAND-8] a partial target closes its size, and what is left keeps its stop until it is flat', async () => {
    const world = await standInWorld(cleanups);
    await place(world, { stopLoss: '58000' });
    await placeStop(world, { takeProfit: '61000', tpslMode: 'partial', qty: '0.015' });
    world.control.price('BTCUSDT', '61000');
    expect(size(world)).toBe('0.005');
    expect(await pending(world)).toMatchObject([{ stopLoss: '58000' }]);
    await world.post('/api/v3/trade/close-positions', BTC);
    expect(await pending(world)).toEqual([]);
  });

  test('[STAND-8] fills in as many steps as the market takes, and less than the least amount is closed by its own call', async () => {
    const world = await standInWorld(cleanups);
    await place(world, { stopLoss: '59000' });
    world.control.price('BTCUSDT', { last: '58900', depth: '0.002' });
    expect(size(world)).toBe('0.01');
    world.control.price('BTCUSDT', { last: '58900', depth: '0.001' });
    expect(size(world)).toBe('0.005');
    world.control.tick();
    expect(size(world)).toBeUndefined();
    await place(world, { symbol: 'XRPUSDT', qty: '10' });
    world.control.price('XRPUSDT', '0.3');
    const dust = { ...BUY, symbol: 'XRPUSDT', side: 'sell', qty: '10', reduceOnly: 'yes' };
    expect((await world.post('/api/v3/trade/place-order', dust)).code).toBe('25207');
    await world.post('/api/v3/trade/close-positions', { ...BTC, symbol: 'XRPUSDT' });
    expect(size(world)).toBeUndefined();
  });

  test('[STAND-8] a trigger order waits for its price from the side it was placed on', async () => {
    const world = await standInWorld(cleanups);
    const trigger = { ...BTC, type: 'trigger', side: 'buy', qty: '0.01', triggerPrice: '61000' };
    expect((await world.post('/api/v3/trade/place-strategy-order', trigger)).code).toBe('00000');
    world.control.price('BTCUSDT', '60900');
    expect(size(world)).toBeUndefined();
    world.control.price('BTCUSDT', '61100');
    expect(size(world)).toBe('0.01');
  });
});

test('[STAND-7] unless it is told not to in time, everything is cancelled, stops with it or not', async () => {
  for (const spared of [false, true]) {
    const clock = new ManualClock();
    const world = await standInWorld(cleanups, { clock, switches: { countdownSparesStops: spared } });
    await place(world, { stopLoss: '58000' });
    await place(world, { orderType: 'limit', price: '59000' });
    await world.post('/api/v3/trade/countdown-cancel-all', { countdown: '5' });
    clock.advance(4_999);
    expect(world.control.truth('k').openOrders).toHaveLength(1);
    clock.advance(1_001);
    expect(world.control.truth('k').openOrders).toEqual([]);
    expect(world.control.truth('k').stops).toHaveLength(spared ? 1 : 0);
  }
});
