import { expect, test } from 'vitest';
import { keysOf } from '../../testing/bitget/signedClient.ts';
import { type StandInWorld, standInWorld } from '../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../testing/cleanups.ts';
import { waitUntil } from '../../testing/patience.ts';
import { LIKELY, type Switches, UNLIKELY } from './switches.ts';

const cleanups = cleanupsAfterEach();
const BTC = { category: 'USDT-FUTURES', symbol: 'BTCUSDT' };
const BUY = { ...BTC, side: 'buy', orderType: 'market', qty: '0.02' };
const LIMIT = { ...BUY, orderType: 'limit', price: '59000' };
const STOP = { ...BTC, type: 'tpsl', tpslMode: 'full', side: 'sell', stopLoss: '58000' };
const MIX = { productType: 'USDT-FUTURES', marginCoin: 'USDT', symbol: 'BTCUSDT', marginMode: 'crossed' };
type Rows = Record<string, unknown>[] | null;

const v3 = (world: StandInWorld, change = {}, order: object = BUY) =>
  world.post('/api/v3/trade/place-order', { ...order, ...change });
const list = async (world: StandInWorld, path: string, params = {}): Promise<Rows> => {
  const { data } = await world.get(`/api/v3/${path}`, { ...BTC, ...params });
  return Array.isArray(data) ? data : ((data as { list?: Rows } | null)?.list ?? null);
};
/** Two reduce-only orders whose sizes exceed the position. */
async function oversized(world: StandInWorld): Promise<unknown> {
  await v3(world);
  const close = { side: 'sell', price: '61000', reduceOnly: 'yes' };
  await v3(world, close, LIMIT);
  const second = await v3(world, close, LIMIT);
  return [(second.data as { orderId: unknown }).orderId === null, world.control.truth('k').openOrders.length];
}
/** The first push on a topic after a market order. */
async function pushed(world: StandInWorld, topic: string, act: () => Promise<unknown>): Promise<unknown> {
  const socket = await world.privately();
  socket.say({ op: 'subscribe', args: [{ instType: 'UTA', topic }] });
  await waitUntil(() => socket.heard.some(({ event }) => event === 'subscribe'));
  await act();
  const push = await waitUntil(() => socket.heard.find((one) => 'data' in one));
  return (push?.data as unknown[] | undefined)?.[0];
}
async function fired(world: StandInWorld): Promise<Record<string, unknown>> {
  await v3(world, { stopLoss: '59000' });
  world.control.price('BTCUSDT', '58900');
  return (await list(world, 'trade/history-orders'))?.[0] ?? {};
}

/** exchange/stops.test.ts shows the other one. */
type Shown = Exclude<keyof Switches, 'countdownSparesStops'>;

/** What shows each switch, and what it shows either way. */
const SHOWN: {
  [S in Shown]: [show: (world: StandInWorld) => Promise<unknown>, likely: unknown, unlikely: unknown];
} = {
  v2ClientIds: [
    async (world) => {
      const order = { ...MIX, side: 'buy', orderType: 'market', size: '0.01', clientOid: 'same' };
      await world.post('/api/v2/mix/order/place-order', order);
      return (await world.post('/api/v2/mix/order/place-order', order)).code;
    },
    '00000',
    '43118',
  ],
  v3ClientIds: [
    async (world) => {
      await v3(world, { clientOid: 'same' });
      return (await v3(world, { clientOid: 'same' })).code;
    },
    '25212',
    '00000',
  ],
  tpslModeShown: [
    async (world) => {
      await v3(world, { stopLoss: '59000' });
      return (await list(world, 'trade/unfilled-strategy-orders'))?.[0]?.tpslMode;
    },
    undefined,
    'full',
  ],
  madeByVenueTold: [async (world) => (await fired(world)).execType, 'stop_loss', ''],
  subOrdersLinked: [
    async (world) => {
      await fired(world);
      const orderId = (await list(world, 'trade/history-strategy-orders'))?.[0]?.orderId;
      return (await list(world, 'trade/strategy-sub-orders', { orderId }))?.length;
    },
    1,
    undefined,
  ],
  subOrderClientId: [async (world) => (await fired(world)).clientOid !== '', true, false],
  v3TimePath: [async (world) => (await world.get('/api/v3/market/time')).status, 404, 200],
  reduceOnlyWithPosSide: [
    async (world) => {
      await v3(world);
      return (await v3(world, { side: 'sell', posSide: 'long', reduceOnly: 'yes' })).code;
    },
    '25236',
    '00000',
  ],
  posSideInOneWay: [
    async (world) => {
      await v3(world);
      return (await list(world, 'trade/history-orders'))?.[0]?.posSide;
    },
    'long',
    '',
  ],
  loginCode: [async (world) => (await world.privately()).heard[0]?.code, 0, '0'],
  oversizedReduceOnly: [oversized, [false, 2], [true, 1]],
  amendKeepsId: [
    async (world) => {
      const { data } = await v3(world, {}, LIMIT);
      const { orderId } = data as { orderId: string };
      const amended = await world.post('/api/v3/trade/modify-order', { orderId, price: '59100' });
      const now = (amended.data as { orderId: string }).orderId;
      expect((await list(world, 'trade/unfilled-orders'))?.[0]).toMatchObject({
        orderId: now,
        price: '59100',
      });
      return now === orderId;
    },
    true,
    false,
  ],
  attachedStop: [
    async (world) => {
      await v3(world, { stopLoss: '59000' });
      return (await list(world, 'trade/unfilled-strategy-orders'))?.[0]?.qty;
    },
    '',
    '0.02',
  ],
  secondStop: [
    async (world) => {
      await v3(world);
      await world.post('/api/v3/trade/place-strategy-order', STOP);
      const second = await world.post('/api/v3/trade/place-strategy-order', STOP);
      return [second.code, world.control.truth('k').stops.length];
    },
    ['25599', 1],
    ['00000', 1],
  ],
  emptyLists: [
    async (world) => ((await world.get('/api/v3/trade/fills', BTC)).data as { list: unknown }).list,
    null,
    [],
  ],
  v2PositionEnd: [
    async (world) => {
      const market = { ...MIX, orderType: 'market', size: '0.01' };
      await world.post('/api/v2/mix/order/place-order', { ...market, side: 'buy' });
      const socket = await world.privately('c', 'v2');
      const arg = { instType: 'USDT-FUTURES', channel: 'positions', instId: 'default' };
      socket.say({ op: 'subscribe', args: [arg] });
      const pushes = () => socket.heard.filter((one) => 'data' in one);
      await waitUntil(() => pushes().length === 1);
      await world.post('/api/v2/mix/order/close-positions', MIX);
      await waitUntil(() => pushes().length === 2);
      return ((pushes()[1]?.data ?? []) as { total: string }[]).map(({ total }) => total);
    },
    [],
    ['0'],
  ],
  smallCloses: [
    async (world) => {
      world.control.price('XRPUSDT', '0.6');
      await v3(world, { symbol: 'XRPUSDT', qty: '10' });
      return (await v3(world, { symbol: 'XRPUSDT', qty: '2', side: 'sell', reduceOnly: 'yes' })).code;
    },
    '25207',
    '00000',
  ],
  pushedFillsNamed: [
    async (world) => {
      const fill = await pushed(world, 'fill', () => v3(world, { clientOid: 'mine' }));
      return (fill as { clientOid: string }).clientOid;
    },
    'mine',
    '',
  ],
  pushedTickersMarked: [
    async (world) => {
      const socket = await world.publicly();
      const arg = { instType: 'usdt-futures', topic: 'ticker', symbol: 'BTCUSDT' };
      socket.say({ op: 'subscribe', args: [arg] });
      const push = await waitUntil(() => socket.heard.find((one) => 'data' in one));
      return (push?.data as { markPrice?: string }[] | undefined)?.[0]?.markPrice;
    },
    undefined,
    '60000',
  ],
  classicOnV3: [
    async (world) => (await world.get('/api/v3/account/settings', {}, { keys: keysOf('c') })).code,
    '40084',
    '25245',
  ],
  refusedWith: [async (world) => (await v3(world, { qty: '9' })).status, 400, 200],
  feeCoin: [
    async (world) => {
      await v3(world);
      const [fill] = (await list(world, 'trade/fills')) ?? [];
      return [fill?.feeDetail, world.control.truth('k').balance];
    },
    [[{ feeCoin: 'USDT', fee: '0.72' }], '9999.28'],
    [[{ feeCoin: 'BGB', fee: '0.18' }], '10000'],
  ],
};

test.each(Object.keys(SHOWN) as Shown[])('[STAND-13] %s: either way can be had', async (name) => {
  const [show, likely, unlikely] = SHOWN[name];
  expect(await show(await standInWorld(cleanups, { switches: { [name]: LIKELY[name] } }))).toEqual(likely);
  expect(await show(await standInWorld(cleanups, { switches: { [name]: UNLIKELY[name] } }))).toEqual(
    unlikely,
  );
});

test('[STAND-13] all of them can be had at once', async () => {
  const world = await standInWorld(cleanups, { switches: UNLIKELY });
  await v3(world, { stopLoss: '58000' });
  await v3(world, { side: 'sell', reduceOnly: 'yes' });
  expect(world.control.truth('k')).toMatchObject({ positions: [], stops: [], balance: '10000' });
});
