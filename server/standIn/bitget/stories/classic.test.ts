import { expect, test } from 'vitest';
import { v2Client, v2Stream } from '../../../testing/bitget/bitgetClients.ts';
import { standInWorld } from '../../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { waitUntil } from '../../../testing/patience.ts';

const cleanups = cleanupsAfterEach();
const PRODUCT = { productType: 'USDT-FUTURES' } as const;
const BTC = { ...PRODUCT, symbol: 'BTCUSDT' } as const;
const COIN = { ...BTC, marginCoin: 'USDT' } as const;
const CROSSED = { ...COIN, marginMode: 'crossed' } as const;

test('[STAND-11] bitget-api trades a whole story on the classic account, and its stream tells it', async () => {
  const world = await standInWorld(cleanups);
  const { control } = world;
  const client = v2Client(world, 'c');
  const stream = v2Stream(world, 'c', cleanups);
  await waitUntil(() => stream.of('account').length > 0);

  expect((await client.getFuturesContractConfig(PRODUCT)).data).toHaveLength(5);
  expect((await client.getFuturesTicker(BTC)).data).toMatchObject([{ lastPr: '60000' }]);
  const candles = { ...BTC, granularity: '1m', limit: '20' } as const;
  expect((await client.getFuturesCandles(candles)).data).toHaveLength(20);
  expect((await client.getFuturesHistoricCandles(candles)).data).toHaveLength(20);
  expect((await client.getFuturesAccountAsset(COIN)).data).toMatchObject({
    available: '10000',
    posMode: 'one_way_mode',
  });
  expect((await client.getFuturesAccountAssets(PRODUCT)).data).toMatchObject([{ marginCoin: 'USDT' }]);
  await client.setFuturesMarginMode(CROSSED);
  expect((await client.setFuturesLeverage({ ...COIN, leverage: '10' })).data).toMatchObject({
    crossMarginLeverage: '10',
  });

  const entry = { ...CROSSED, side: 'buy', orderType: 'limit', size: '0.02', price: '59000' } as const;
  const preset = { presetStopLossPrice: '58000', presetStopSurplusPrice: '65000' };
  const { orderId } = (await client.futuresSubmitOrder({ ...entry, ...preset, clientOid: 'story-1' })).data;
  expect((await client.getFuturesOrder({ ...BTC, clientOid: 'story-1' })).data).toMatchObject({
    orderId,
    state: 'live',
  });
  control.tradeAgainst('c', orderId, '0.008');
  expect((await client.getFuturesOpenOrders(BTC)).data.entrustedList).toMatchObject([
    { status: 'partially_filled', baseVolume: '0.008' },
  ]);
  expect((await client.getFuturesPosition(COIN)).data).toMatchObject([{ holdSide: 'long', total: '0.008' }]);
  const plans = async () =>
    (await client.getFuturesPlanOrders({ ...BTC, planType: 'profit_loss' })).data.entrustedList;
  expect((await plans()).map(({ planType, triggerPrice }) => `${planType} ${triggerPrice}`).sort()).toEqual([
    'pos_loss 58000',
    'pos_profit 65000',
  ]);
  await expect(client.futuresSubmitOrder({ ...entry, tradeSide: 'open' })).rejects.toMatchObject({
    body: { code: '40774' },
  });

  const renamed = { newClientOid: 'story-2', newSize: '0.02', newPrice: '59100' };
  await client.futuresModifyOrder({ ...BTC, orderId, ...renamed });
  await client.futuresCancelOrder({ ...BTC, clientOid: 'story-2' });
  await expect(client.futuresCancelOrder({ ...BTC, clientOid: 'story-2' })).rejects.toMatchObject({
    code: 400,
    body: { code: '40768' },
  });

  // The stop is moved in place and fires; its order names it.
  const stop = (await plans()).find(({ planType }) => planType === 'pos_loss')?.orderId ?? '';
  await client.futuresModifyTPSLPOrder({ ...COIN, orderId: stop, triggerPrice: '58500', size: '' });
  control.price('BTCUSDT', '58400');
  expect((await client.getFuturesPositions(COIN)).data).toEqual([]);
  // Its types know trigger orders alone.
  const sub = { planType: 'normal_plan', planOrderId: stop, ...PRODUCT } as const;
  const [made] = (await client.getFuturesTriggerSubOrder(sub)).data;
  expect((await client.getFuturesOrder({ ...BTC, orderId: made?.orderId ?? '' })).data).toMatchObject({
    clientOid: stop,
    orderSource: 'pos_loss_market',
    side: 'sell',
  });
  expect(await plans()).toBeNull();

  // A short with a stop of its own, which is cancelled by its type alone.
  await client.futuresSubmitOrder({ ...CROSSED, side: 'sell', orderType: 'market', size: '0.01' });
  const ofShort = {
    ...COIN,
    planType: 'pos_loss',
    holdSide: 'sell',
    triggerPrice: '59500',
    size: '',
  } as const;
  const second = (await client.futuresSubmitTPSLOrder(ofShort)).data.orderId;
  const cancel = { ...COIN, orderIdList: [{ orderId: second }] };
  expect((await client.futuresCancelPlanOrder(cancel)).data).toEqual({ successList: [], failureList: [] });
  expect(await plans()).toHaveLength(1);
  await client.futuresCancelPlanOrder({ ...cancel, planType: 'pos_loss' });
  expect(await plans()).toBeNull();
  expect((await client.futuresFlashClosePositions(BTC)).data.successList).toHaveLength(1);
  await expect(client.futuresFlashClosePositions(BTC)).rejects.toMatchObject({ body: { code: '22002' } });

  const { fillList } = (await client.getFuturesFills(BTC)).data;
  expect(fillList).toHaveLength(4);
  expect(fillList[0]).not.toHaveProperty('clientOid');
  const { bills } = (await client.getFuturesAccountBills({ ...PRODUCT })).data;
  expect(bills[0]?.balance).toBe(control.truth('c').balance);

  await waitUntil(() => stream.of('fill').length === 4);
  const ends = stream.of('orders').filter(({ status }) => status === 'filled' || status === 'canceled');
  expect(ends).toHaveLength(4);
  expect(stream.of('orders-algo').length).toBeGreaterThan(2);
  expect(stream.of('positions').length).toBeGreaterThan(1);
});

test('[STAND-11] [STAND-7] in hedge mode the side is the position’s, and a blank side closes both', async () => {
  const world = await standInWorld(cleanups);
  const client = v2Client(world, 'c');
  await client.setFuturesPositionMode({ ...PRODUCT, posMode: 'hedge_mode' });
  const market = { ...CROSSED, orderType: 'market', size: '0.01' } as const;
  await expect(client.futuresSubmitOrder({ ...market, side: 'buy' })).rejects.toMatchObject({
    body: { code: '40774' },
  });
  await client.futuresSubmitOrder({ ...market, side: 'buy', tradeSide: 'open', size: '0.02' });
  await client.futuresSubmitOrder({ ...market, side: 'sell', tradeSide: 'open' });
  await client.futuresSubmitOrder({ ...market, side: 'buy', tradeSide: 'close' });
  const held = (await client.getFuturesPositions(COIN)).data;
  expect(held.map(({ holdSide, total }) => `${holdSide} ${total}`)).toEqual(['long 0.01', 'short 0.01']);
  const { fillList } = (await client.getFuturesFills(BTC)).data;
  expect(fillList[0]).toMatchObject({ side: 'buy', tradeSide: 'close', posMode: 'hedge_mode' });
  await expect(client.setFuturesPositionMode({ ...PRODUCT, posMode: 'one_way_mode' })).rejects.toMatchObject({
    body: { code: '45117' },
  });
  expect((await client.futuresFlashClosePositions(BTC)).data.successList).toHaveLength(2);
  expect(world.control.truth('c').positions).toEqual([]);
});

test('[STAND-8] a normal plan on the wrong side of the price is taken, and fires at once', async () => {
  const world = await standInWorld(cleanups);
  const client = v2Client(world, 'c');
  const plan = { ...CROSSED, planType: 'normal_plan', size: '0.01', triggerType: 'fill_price' } as const;
  await client.futuresSubmitPlanOrder({ ...plan, triggerPrice: '60000', side: 'buy', orderType: 'market' });
  world.control.tick();
  expect(world.control.truth('c').positions).toMatchObject([{ size: '0.01' }]);
});
