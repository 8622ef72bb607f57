import { expect, test } from 'vitest';
import { v3Client, v3Stream } from '../../../testing/bitget/bitgetClients.ts';
import { standInWorld } from '../../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { waitUntil } from '../../../testing/patience.ts';

const cleanups = cleanupsAfterEach();
const CATEGORY = { category: 'USDT-FUTURES' } as const;
const BTC = { ...CATEGORY, symbol: 'BTCUSDT' } as const;

test('[STAND-11] bitget-api trades a whole story on the unified account, and its stream tells it', async () => {
  const world = await standInWorld(cleanups);
  const { control } = world;
  const client = v3Client(world, 'k');
  const stream = v3Stream(world, 'k', cleanups);
  await waitUntil(() => stream.of('account').length > 0);

  expect(Math.abs(Number((await client.getServerTime()).data.serverTime) - Date.now())).toBeLessThan(60_000);
  const instruments = (await client.getInstruments(CATEGORY)).data;
  expect(instruments.find(({ symbol }) => symbol === 'BTCUSDT')).toMatchObject({ status: 'online' });
  expect((await client.getCandles({ ...BTC, interval: '1m', limit: '10' })).data).toHaveLength(10);
  expect((await client.getAccountSettings()).data).toMatchObject({ holdMode: 'one_way_mode' });
  expect((await client.getAccountInfo()).data.permissions).toContain('uta_trade');
  expect((await client.getBalances()).data).toMatchObject({ usdtEquity: '10000' });
  await client.setLeverage({ ...BTC, leverage: '10' });
  expect((await client.getAccountSettings()).data.symbolConfigList).toMatchObject([{ leverage: '10' }]);

  // An entry with its stop, filled by and by.
  const entry = { ...BTC, side: 'buy', orderType: 'limit', qty: '0.02', price: '59000' } as const;
  const stopped = { stopLoss: '58000', slTriggerBy: 'mark', marginMode: 'crossed' } as const;
  const placed = await client.submitNewOrder({ ...entry, ...stopped, clientOid: 'story-1' });
  const { orderId } = placed.data;
  expect((await client.getOrderInfo({ clientOid: 'story-1' })).data).toMatchObject({ orderId });
  control.tradeAgainst('k', orderId, '0.008');
  expect((await client.getUnfilledOrders(CATEGORY)).data.list).toMatchObject([
    { orderStatus: 'partially_filled', cumExecQty: '0.008' },
  ]);
  expect((await client.getCurrentPosition(BTC)).data.list).toMatchObject([
    { total: '0.008', leverage: '10' },
  ]);
  const stops = (await client.getUnfilledStrategyOrders(CATEGORY)).data;
  expect(stops).toMatchObject([{ stopLoss: '58000', slTriggerBy: 'mark', status: 'pending' }]);

  // The rest is moved, then cancelled.
  expect((await client.modifyOrder({ orderId, qty: '0.02', price: '59100' })).data).toMatchObject({
    orderId,
  });
  await client.cancelOrder({ orderId });
  expect((await client.getHistoryOrders(CATEGORY)).data.list).toMatchObject([
    { orderId, orderStatus: 'cancelled', price: '59100' },
  ]);
  await expect(client.cancelOrder({ orderId })).rejects.toMatchObject({ code: 400, body: { code: '25204' } });
  await expect(client.submitNewOrder({ ...entry, clientOid: 'story-1' })).rejects.toMatchObject({
    body: { code: '25212' },
  });

  // The stop is moved and fires; a second position gets one of its own and is closed.
  const stop = stops[0]?.orderId ?? '';
  await client.modifyStrategyOrder({ orderId: stop, qty: '0.008', stopLoss: '58500', slTriggerBy: 'mark' });
  control.price('BTCUSDT', '58400');
  expect((await client.getCurrentPosition(CATEGORY)).data.list).toBeNull();
  expect((await client.getHistoryStrategyOrders(CATEGORY)).data.list).toMatchObject([
    { orderId: stop, status: 'success' },
  ]);
  await client.submitNewOrder({ ...BTC, side: 'sell', orderType: 'market', qty: '0.01' });
  const order = { ...BTC, type: 'tpsl', tpslMode: 'full', side: 'buy', posSide: 'short' } as const;
  const second = await client.submitStrategyOrder({ ...order, stopLoss: '59500', takeProfit: '57000' });
  await client.cancelStrategyOrder({ orderId: second.data.orderId });
  const closed = await client.closeAllPositions(BTC);
  expect(closed.data.list).toMatchObject([{ code: '00000' }]);

  const fills = (await client.getTradeFills(CATEGORY)).data.list;
  expect(fills.map(({ side, execQty }) => `${side} ${execQty}`)).toEqual([
    'buy 0.01',
    'sell 0.01',
    'sell 0.008',
    'buy 0.008',
  ]);
  const bills = (await client.getFinancialRecords(CATEGORY)).data.list;
  expect(bills[0]?.balance).toBe(control.truth('k').balance);

  await waitUntil(() => stream.of('fill').length === fills.length);
  expect(stream.of('fill').map(({ execId }) => execId)).toEqual(fills.map(({ execId }) => execId).reverse());
  const last = await waitUntil(() => stream.of('position').findLast(({ size }) => size === '0'));
  expect(last).toMatchObject({ positionStatus: 'ended' });
  expect(stream.of('strategy-order').map(({ status }) => status)).toContain('success');
  const statuses = stream.of('order').filter((one) => one.orderId === orderId);
  expect(statuses.map(({ orderStatus }) => orderStatus).at(-1)).toBe('cancelled');
});

test('[STAND-11] bitget-api trades in hedge mode, and its stream is back after a cut', async () => {
  const world = await standInWorld(cleanups);
  const client = v3Client(world, 'k');
  await client.setHoldMode({ holdMode: 'hedge_mode' });
  const stream = v3Stream(world, 'k', cleanups);
  await waitUntil(() => stream.of('account').length > 0);
  const market = { ...BTC, orderType: 'market', qty: '0.01' } as const;
  await client.submitNewOrder({ ...market, side: 'buy', posSide: 'long', stopLoss: '58000' });
  await client.submitNewOrder({ ...market, side: 'sell', posSide: 'short', stopLoss: '62000' });
  world.control.drop('k');
  await waitUntil(() => stream.logins === 2 && stream.of('account').length > 3);
  await client.submitNewOrder({ ...market, side: 'sell', posSide: 'long' });
  await waitUntil(() => stream.of('fill').length === 3);
  expect(stream.of('fill').at(-1)).toMatchObject({ holdSide: 'long', side: 'sell', tradeSide: 'close' });
  const { list } = (await client.getCurrentPosition(CATEGORY)).data;
  expect(list).toMatchObject([{ posSide: 'short', holdMode: 'hedge_mode', total: '0.01' }]);
  expect((await client.getUnfilledStrategyOrders(CATEGORY)).data).toMatchObject([
    { stopLoss: '62000', posSide: 'short' },
  ]);
  await client.cancelAllOrders(CATEGORY);
  await client.closeAllPositions(CATEGORY);
  expect(world.control.truth('k')).toMatchObject({ positions: [], stops: [] });
});
