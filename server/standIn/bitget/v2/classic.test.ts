import { expect, test } from 'vitest';
import { keysOf } from '../../../testing/bitget/signedClient.ts';
import { type StandInWorld, standInWorld } from '../../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { waitUntil } from '../../../testing/patience.ts';

const cleanups = cleanupsAfterEach();
const BTC = { productType: 'USDT-FUTURES', marginCoin: 'USDT', symbol: 'BTCUSDT' };
const BUY = { ...BTC, marginMode: 'crossed', side: 'buy', orderType: 'market', size: '0.02' };
const LIMIT = { ...BUY, orderType: 'limit', price: '59000' };
const STOP = { ...BTC, planType: 'pos_loss', holdSide: 'buy', triggerPrice: '58000' };

const post = (world: StandInWorld, path: string, params: object) =>
  world.post(`/api/v2/mix/${path}`, { ...params });
const get = (world: StandInWorld, path: string, params: object) =>
  world.get(`/api/v2/mix/${path}`, { ...BTC, ...params });
const place = (world: StandInWorld, change = {}, order: object = BUY) =>
  post(world, 'order/place-order', { ...order, ...change });
const idOf = ({ data }: { data: unknown }): string => (data as { orderId: string }).orderId;

test.each([
  ['size below the least', { size: '0.00001' }, '45111'],
  ['off the step', { size: '0.01234567' }, '40808'],
  ['off the tick', { orderType: 'limit', price: '59000.05' }, '45115'],
  ['less than 5 USDT', { symbol: 'XRPUSDT', size: '5' }, '45110'],
  ['too much for the balance', { size: '9' }, '40762'],
  ['nothing to reduce', { reduceOnly: 'YES' }, '22002'],
  ['a side of hedge mode', { tradeSide: 'open' }, '40774'],
  ['a stop that is reached', { presetStopLossPrice: '60001' }, '40917'],
  ['no margin mode', { marginMode: '' }, '40020'],
])('[STAND-7] classic, %s: answered with its code', async (_why, change, code) => {
  const world = await standInWorld(cleanups);
  expect((await place(world, change)).code).toBe(code);
});

test('[STAND-7] what is not there has a code of its own for each call', async () => {
  const world = await standInWorld(cleanups);
  expect((await get(world, 'order/detail', { orderId: '1' })).code).toBe('40109');
  expect((await post(world, 'order/cancel-order', { ...BTC, orderId: '1' })).code).toBe('40768');
  expect((await post(world, 'order/cancel-all-orders', BTC)).code).toBe('22001');
  expect((await post(world, 'order/close-positions', BTC)).code).toBe('22002');
  const change = { ...BTC, orderId: '1', triggerPrice: '58000', size: '' };
  expect((await post(world, 'order/modify-tpsl-order', change)).code).toBe('43020');
  expect((await post(world, 'order/place-tpsl-order', STOP)).code).toBe('40891');
  expect((await get(world, 'order/fill-history', {})).status).toBe(404);
  expect((await get(world, 'account/bill', { businessType: 'contract_settle_fee' })).code).toBe('40020');
});

test('[STAND-7] a client id is free again once its order has ended', async () => {
  const world = await standInWorld(cleanups);
  const named = { clientOid: 'same' };
  const orderId = idOf(await place(world, named, LIMIT));
  expect((await place(world, named, LIMIT)).code).toBe('43118');
  await post(world, 'order/cancel-order', { ...BTC, orderId });
  expect((await place(world, named, LIMIT)).code).toBe('00000');
});

test('[STAND-8] a position stop is one, and is listed among TP/SL orders alone', async () => {
  const world = await standInWorld(cleanups);
  await place(world);
  expect((await post(world, 'order/place-tpsl-order', { ...STOP, triggerPrice: '60500' })).code).toBe(
    '40917',
  );
  expect((await post(world, 'order/place-tpsl-order', STOP)).code).toBe('00000');
  expect((await post(world, 'order/place-tpsl-order', STOP)).code).toBe('40889');
  const target = { ...STOP, planType: 'pos_profit', triggerPrice: '65000' };
  expect((await post(world, 'order/place-tpsl-order', target)).code).toBe('00000');
  const plans = async (params: object) =>
    (await get(world, 'order/orders-plan-pending', params)).data as { entrustedList: object[] | null };
  expect((await plans({})).entrustedList).toBeNull();
  expect((await plans({ planType: 'profit_loss' })).entrustedList).toHaveLength(2);
});

test('[STAND-7] the margin mode is the symbol’s, and stays while something is open', async () => {
  const world = await standInWorld(cleanups);
  const isolated = { ...BTC, marginMode: 'isolated' };
  expect((await post(world, 'account/set-margin-mode', isolated)).data).toMatchObject({
    marginMode: 'isolated',
  });
  await post(world, 'account/set-leverage', { ...BTC, leverage: '7' });
  await place(world, { marginMode: 'isolated' });
  expect((await get(world, 'position/single-position', {})).data).toMatchObject([
    { marginMode: 'isolated', leverage: '7', holdSide: 'long' },
  ]);
  expect((await post(world, 'account/set-margin-mode', { ...BTC, marginMode: 'crossed' })).code).toBe(
    '45117',
  );
});

test('[STAND-1] a key’s permissions are told, and one that may not write is refused', async () => {
  const users = [
    { apiKey: 'c', family: 'v2' as const },
    { apiKey: 'read', family: 'v2' as const, readOnly: true },
  ];
  const world = await standInWorld(cleanups, { users });
  const info = async (apiKey: string) =>
    (await world.get('/api/v2/spot/account/info', {}, { keys: keysOf(apiKey) })).data;
  expect(await info('c')).toMatchObject({ authorities: ['coor', 'coow', 'cpor', 'cpow'] });
  expect(await info('read')).toMatchObject({ authorities: ['coor', 'cpor'] });
  const refused = await world.post('/api/v2/mix/order/place-order', BUY, { keys: keysOf('read') });
  expect(refused.code).toBe('40014');
});

test('[STAND-5] positions are told all at once, each time', async () => {
  const world = await standInWorld(cleanups);
  const socket = await world.privately('c', 'v2');
  const arg = { instType: 'USDT-FUTURES', channel: 'positions', instId: 'default' };
  socket.say({ op: 'subscribe', args: [arg] });
  const pushes = () =>
    socket.heard.filter((one) => 'data' in one).map(({ data }) => data as { instId: string }[]);
  await waitUntil(() => pushes().length === 1);
  await place(world);
  await place(world, { symbol: 'ETHUSDT', size: '1' });
  await post(world, 'order/close-positions', BTC);
  await waitUntil(() => pushes().length === 4);
  expect(pushes().map((rows) => rows.map(({ instId }) => instId))).toEqual([
    [],
    ['BTCUSDT'],
    ['BTCUSDT', 'ETHUSDT'],
    ['ETHUSDT'],
  ]);
});
