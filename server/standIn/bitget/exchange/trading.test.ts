import { describe, expect, test } from 'vitest';
import { sum } from '../../../../shared/domain/decimal.ts';
import { keysOf } from '../../../testing/bitget/signedClient.ts';
import { type StandInWorld, standInWorld } from '../../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';

const cleanups = cleanupsAfterEach();
const BTC = { category: 'USDT-FUTURES', symbol: 'BTCUSDT' };
const BUY = { ...BTC, side: 'buy', orderType: 'market', qty: '0.02' };
const SELL = { ...BUY, side: 'sell' };
const LIMIT = { ...BUY, orderType: 'limit', price: '59000', qty: '0.02' };
type Row = Record<string, string>;

const place = (world: StandInWorld, params: object) => world.post('/api/v3/trade/place-order', { ...params });
const rows = async (world: StandInWorld, path: string, params = {}): Promise<Row[]> => {
  const { data, text } = await world.get(`/api/v3/${path}`, { ...BTC, ...params });
  expect(text).toContain('"00000"');
  const list = (data as { list?: Row[] | null } | null)?.list;
  return (list === undefined ? (data as Row[] | null) : list) ?? [];
};
const idOf = ({ data }: { data: unknown }): string => (data as { orderId: string }).orderId;

describe('orders', () => {
  test('[STAND-7] an order takes what is there at each price, by market the rest is cancelled, and a limit rests', async () => {
    const world = await standInWorld(cleanups);
    world.control.price('BTCUSDT', { last: '60000', depth: '0.001', halfSpread: '0.5' });
    const market = idOf(await place(world, BUY));
    const [ended] = await rows(world, 'trade/history-orders');
    expect(ended).toMatchObject({ orderId: market, orderStatus: 'cancelled', cumExecQty: '0.005' });
    const fills = await rows(world, 'trade/fills');
    expect(fills.map(({ execPrice }) => execPrice).at(-1)).toBe('60000.5');
    expect(fills).toHaveLength(5);
    expect(fills[0]).toMatchObject({ orderId: market, tradeScope: 'taker', tradeSide: 'open' });
    const limit = idOf(await place(world, LIMIT));
    expect(await rows(world, 'trade/unfilled-orders')).toMatchObject([
      { orderId: limit, orderStatus: 'live' },
    ]);
    world.control.price('BTCUSDT', { last: '58900', depth: '0.008' });
    expect(await rows(world, 'trade/unfilled-orders')).toMatchObject([
      { orderStatus: 'partially_filled', cumExecQty: '0.008', avgPrice: '59000' },
    ]);
    await world.post('/api/v3/trade/cancel-order', { orderId: limit });
    expect(await rows(world, 'trade/unfilled-orders')).toEqual([]);
    expect((await rows(world, 'position/current-position'))[0]).toMatchObject({ total: '0.013' });
    expect((await world.post('/api/v3/trade/cancel-order', { orderId: limit })).code).toBe('25204');
  });

  test.each([
    ['qty below the least', { qty: '0.00001' }, '25611'],
    ['off the step', { qty: '0.01234567' }, '25610'],
    ['off the tick', { orderType: 'limit', price: '59000.05' }, '25244'],
    ['less than 5 USDT', { symbol: 'XRPUSDT', qty: '5' }, '25207'],
    ['too much for the balance', { qty: '9' }, '25202'],
    ['nothing to reduce', { reduceOnly: 'yes' }, '25227'],
    ['unknown symbol', { symbol: 'NOSUCH' }, '40034'],
    ['another category', { category: 'SPOT' }, '40020'],
    ['no side', { side: '' }, '40020'],
    ['an id with a space', { clientOid: 'a b' }, '40020'],
    ['a stop that is reached', { stopLoss: '60001' }, '40917'],
    ['a target that is reached', { takeProfit: '59999' }, '40917'],
  ])('[STAND-7] %s: answered with its code', async (_why, change, code) => {
    const world = await standInWorld(cleanups);
    expect((await place(world, { ...BUY, ...change })).code).toBe(code);
  });

  test('[STAND-7] one-way mode: the other side closes and turns around, and reduce-only never adds', async () => {
    const world = await standInWorld(cleanups);
    await place(world, BUY);
    await place(world, { ...SELL, qty: '0.05', reduceOnly: 'yes' });
    expect(await rows(world, 'position/current-position')).toEqual([]);
    await place(world, BUY);
    await place(world, { ...SELL, qty: '0.05' });
    const [held] = await rows(world, 'position/current-position');
    expect(held).toMatchObject({ posSide: 'short', total: '0.03', holdMode: 'one_way_mode' });
    expect((await place(world, { ...SELL, reduceOnly: 'yes' })).code).toBe('25236');
    expect((await place(world, { ...BUY, reduceOnly: 'yes', posSide: 'short' })).code).toBe('25236');
    expect((await world.post('/api/v3/account/set-hold-mode', { holdMode: 'hedge_mode' })).code).toBe(
      '25010',
    );
    await world.post('/api/v3/trade/close-positions', BTC);
    expect(await rows(world, 'position/current-position')).toEqual([]);
    expect((await world.post('/api/v3/account/set-hold-mode', { holdMode: 'hedge_mode' })).code).toBe(
      '00000',
    );
  });

  test('[STAND-7] hedge mode: each side has a position of its own, told by posSide, and closes read NO', async () => {
    const world = await standInWorld(cleanups, { users: [{ apiKey: 'k', holdMode: 'hedge_mode' }] });
    expect((await place(world, BUY)).code).toBe('25236');
    await place(world, { ...BUY, posSide: 'long' });
    await place(world, { ...SELL, posSide: 'short', qty: '0.01' });
    const held = await rows(world, 'position/current-position');
    expect(held.map(({ posSide, total }) => [posSide, total])).toEqual([
      ['long', '0.02'],
      ['short', '0.01'],
    ]);
    const close = idOf(await place(world, { ...SELL, posSide: 'long', qty: '0.005' }));
    const { data } = await world.get('/api/v3/trade/order-info', { orderId: close });
    expect(data).toMatchObject({ side: 'sell', posSide: 'long', reduceOnly: 'NO', tradeSide: 'close' });
    // What rests to close it is frozen.
    await place(world, { ...SELL, posSide: 'long', orderType: 'limit', price: '61000', qty: '0.01' });
    const [long] = await rows(world, 'position/current-position', { posSide: 'long' });
    expect(long).toMatchObject({ total: '0.015', frozen: '0.01', available: '0.005' });
    expect((await place(world, { ...SELL, posSide: 'long', qty: '0.006' })).code).toBe('25227');
    await world.post('/api/v3/trade/close-positions', { ...BTC, posSide: 'long' });
    expect((await rows(world, 'position/current-position')).map(({ posSide }) => posSide)).toEqual(['short']);
  });

  test('[STAND-7] crossed and isolated positions of one symbol stand side by side, each with its leverage', async () => {
    const world = await standInWorld(cleanups);
    const leverage = (params: object) => world.post('/api/v3/account/set-leverage', { ...BTC, ...params });
    await leverage({ leverage: '10', marginMode: 'crossed' });
    await leverage({ leverage: '5', marginMode: 'isolated' });
    expect((await leverage({ leverage: '500' })).code).toBe('40797');
    await place(world, BUY);
    await place(world, { ...BUY, marginMode: 'isolated' });
    const held = await rows(world, 'position/current-position');
    expect(held.map(({ marginMode, leverage }) => [marginMode, leverage])).toEqual([
      ['crossed', '10'],
      ['isolated', '5'],
    ]);
  });

  test('[STAND-7] an amended order is the same at another price, and crosses where that lets it', async () => {
    const world = await standInWorld(cleanups);
    const orderId = idOf(await place(world, LIMIT));
    const amend = (change: object) => world.post('/api/v3/trade/modify-order', { orderId, ...change });
    expect((await amend({ price: '59500', qty: '0.03' })).data).toMatchObject({ orderId });
    expect(await rows(world, 'trade/unfilled-orders')).toMatchObject([{ price: '59500', qty: '0.03' }]);
    expect((await amend({ price: '59500.07' })).code).toBe('25244');
    await amend({ price: '60000' });
    expect(await rows(world, 'position/current-position')).toMatchObject([{ total: '0.03' }]);
  });
});

describe('money', () => {
  test('[STAND-15] funding, fees, liquidation and deleveraging are told, and bills add up to the balance', async () => {
    const clock = new ManualClock();
    const users = [{ apiKey: 'k', deposit: '1000' }];
    const world = await standInWorld(cleanups, { clock, users });
    const { control } = world;
    await place(world, { ...BUY, qty: '0.1' });
    control.deleverage('k', 'BTCUSDT', '0.03');
    expect((await rows(world, 'trade/history-orders'))[0]).toMatchObject({ execType: 'adl', clientOid: '' });
    clock.advance(8 * 3_600_000);
    const bills = await rows(world, 'account/financial-records');
    const funding = bills.find(({ type }) => type?.startsWith('CONTRACT_MAIN_SETTLE_FEE_USER'));
    expect(funding).toMatchObject({ symbol: 'BTCUSDT', coin: 'USDT' });
    control.price('BTCUSDT', '40000');
    expect(await rows(world, 'position/current-position')).toEqual([]);
    const [liquidated] = await rows(world, 'trade/history-orders');
    expect(liquidated).toMatchObject({ execType: 'liquidation', side: 'sell', cumExecQty: '0.07' });
    const all = await rows(world, 'account/financial-records');
    const amounts = all.flatMap(({ amount, fee }) => [amount, fee]) as never[];
    expect(sum(amounts)).toBe(control.truth('k').balance);
    expect(all[0]?.balance).toBe(control.truth('k').balance);
  });

  test('[STAND-14] another key of an account acts on it, and money can come and go', async () => {
    const users = [{ apiKey: 'k' }, { apiKey: 'web', accountOf: 'k' }];
    const world = await standInWorld(cleanups, { users });
    await world.post('/api/v3/trade/place-order', LIMIT, { keys: keysOf('web') });
    expect(await rows(world, 'trade/unfilled-orders')).toHaveLength(1);
    world.control.transfer('k', '-500');
    const [bill] = await rows(world, 'account/financial-records');
    expect(bill).toMatchObject({ type: 'TRANSFER_OUT', amount: '-500', balance: '9500' });
  });

  test('[STAND-14] users know nothing of each other', async () => {
    const world = await standInWorld(cleanups, { users: [{ apiKey: 'k' }, { apiKey: 'other' }] });
    const orderId = idOf(await place(world, { ...LIMIT, clientOid: 'mine' }));
    await place(world, BUY);
    const keys = keysOf('other');
    const other = (path: string, params: object) =>
      world.get(`/api/v3/${path}`, { ...BTC, ...params }, { keys });
    expect((await other('trade/order-info', { orderId })).code).toBe('25204');
    expect((await other('trade/order-info', { clientOid: 'mine' })).code).toBe('25204');
    expect((await other('position/current-position', {})).data).toEqual({ list: null });
    expect((await other('trade/fills', {})).data).toMatchObject({ list: null });
    const cancelled = await world.post('/api/v3/trade/cancel-order', { orderId }, { keys });
    expect(cancelled.code).toBe('25204');
  });
});

describe('lists', () => {
  test('[STAND-9] pages go from the newest to the oldest by cursor, and end with null', async () => {
    const world = await standInWorld(cleanups);
    const placed: string[] = [];
    for (let n = 0; n < 7; n += 1) placed.unshift(idOf(await place(world, LIMIT)));
    const seen: string[] = [];
    let cursor = '';
    for (;;) {
      const { data } = await world.get('/api/v3/trade/unfilled-orders', { ...BTC, limit: '3', cursor });
      const page = data as { list: Row[] | null; cursor: string | null };
      if (page.list === null) break;
      seen.push(...page.list.map((one) => one.orderId ?? ''));
      cursor = page.cursor ?? '';
    }
    expect(seen).toEqual(placed);
    const tooMany = await world.get('/api/v3/trade/unfilled-orders', { ...BTC, limit: '101' });
    expect(tooMany.code).toBe('40020');
  });

  test('[STAND-9] queries that lag show how it was, pushes and the truth how it is', async () => {
    const clock = new ManualClock();
    const world = await standInWorld(cleanups, { clock });
    world.control.lag('k', 5_000);
    await place(world, BUY);
    expect(await rows(world, 'position/current-position')).toEqual([]);
    expect(world.control.truth('k').positions).toMatchObject([{ size: '0.02' }]);
    clock.advance(3_000);
    await place(world, SELL);
    expect(await rows(world, 'trade/fills')).toEqual([]);
    clock.advance(2_000);
    expect(await rows(world, 'position/current-position')).toMatchObject([{ total: '0.02' }]);
    expect(await rows(world, 'trade/fills')).toHaveLength(1);
    clock.advance(3_000);
    expect(await rows(world, 'position/current-position')).toEqual([]);
    expect(await rows(world, 'trade/fills')).toHaveLength(2);
  });

  test('[STAND-9] parts of an account can lag apart from each other', async () => {
    const clock = new ManualClock();
    const world = await standInWorld(cleanups, { clock });
    world.control.lag('k', 5_000, ['positions']);
    await place(world, BUY);
    expect(await rows(world, 'position/current-position')).toEqual([]);
    expect(await rows(world, 'trade/fills')).toHaveLength(1);
    clock.advance(5_000);
    expect(await rows(world, 'position/current-position')).toHaveLength(1);
  });

  test('[STAND-9] candles are of closed minutes that stay, and a hand moves the running one', async () => {
    const clock = new ManualClock();
    const world = await standInWorld(cleanups, { clock });
    const bars = async (path: string, params = {}) => {
      const { data } = await world.get(`/api/v3/market/${path}`, { ...BTC, interval: '1m', ...params });
      return data as string[][];
    };
    const past = await bars('history-candles', { limit: '5' });
    expect(past).toHaveLength(5);
    const last = Number(past.at(-1)?.[0]);
    expect(last).toBe(Math.floor(clock.now() / 60_000) * 60_000 - 60_000);
    clock.advance(30_000);
    world.control.price('BTCUSDT', '70000');
    const running = (await bars('candles')).at(-1);
    expect(running?.slice(2, 5)).toEqual(['70000', '60000', '70000']);
    clock.advance(60_000);
    expect((await bars('history-candles')).find(([at]) => at === running?.[0])?.[4]).toBe('70000');
    expect((await bars('history-candles', { endTime: String(last + 60_000) })).at(-1)).toEqual(past.at(-1));
    expect((await bars('candles', { interval: '4H', limit: '2' })).length).toBe(2);
  });
});
