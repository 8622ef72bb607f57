import { expect, test } from 'vitest';
import { payloadFiles } from '../../../testing/bitget/payloadFiles.ts';
import { differences, rowsOf } from '../../../testing/bitget/sameShape.ts';
import { standInWorld } from '../../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { waitUntil } from '../../../testing/patience.ts';

const cleanups = cleanupsAfterEach();
const PRODUCT = { productType: 'USDT-FUTURES' };
const BTC = { ...PRODUCT, symbol: 'BTCUSDT', marginCoin: 'USDT' };

/** Told by newer pages than the examples are from. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  'market.GetContracts': ['.data[].maxMarketOrderQty is not documented'],
  'market.GetTicker': ['.data[].markPrice is not documented'],
};

type Params = Record<string, unknown>;

/** A hedge-mode account with something of everything. */
async function busyAccount() {
  const world = await standInWorld(cleanups, {
    switches: { loginCode: 'text' },
    users: [{ apiKey: 'c', family: 'v2', holdMode: 'hedge_mode' }],
  });
  const done = async (path: string, params: Params): Promise<string> => {
    const { text, data } = await world.post(`/api/v2/mix${path}`, params);
    expect(text).toContain('"00000"');
    return (data as { orderId: string }).orderId;
  };
  const buy = {
    ...BTC,
    ...{ marginMode: 'crossed', side: 'buy', tradeSide: 'open', orderType: 'market', size: '0.02' },
  };
  const limit = (clientOid: string): Params => ({
    ...buy,
    ...{ orderType: 'limit', price: '59000', size: '0.01', clientOid },
  });
  await done('/order/place-order', { ...buy, presetStopLossPrice: '58000', presetStopSurplusPrice: '61000' });
  world.control.price('BTCUSDT', '61000');
  await done('/order/place-order', { ...buy, presetStopLossPrice: '58000' });
  return { world, done, buy, limit };
}

test('[STAND-10] each answer of the classic account has the keys and kinds of values of the documented one', async () => {
  const { world, done, limit } = await busyAccount();
  const stop = { ...BTC, planType: 'loss_plan', holdSide: 'long', size: '0.01' };
  const resting = async (clientOid: string): Promise<string> => done('/order/place-order', limit(clientOid));
  const newStop = async (triggerPrice: string): Promise<string> =>
    done('/order/place-tpsl-order', { ...stop, triggerPrice });
  const past = await world.get('/api/v2/mix/order/orders-plan-history', {
    ...PRODUCT,
    planType: 'profit_loss',
  });
  const { entrustedList: fired } = past.data as { entrustedList: { orderId: string; planStatus: string }[] };
  const executed = fired.find(({ planStatus }) => planStatus === 'executed')?.orderId;
  const asked: Record<string, () => Promise<Params>> = {
    'account.SetLeverage': async () => ({ ...BTC, leverage: '10' }),
    'account.SetMarginMode': async () => ({ ...BTC, symbol: 'ETHUSDT', marginMode: 'isolated' }),
    'account.SetPositionMode': async () => ({ ...PRODUCT, posMode: 'hedge_mode' }),
    'market.GetKlines': async () => ({ ...BTC, granularity: '1m', limit: '3' }),
    'market.GetHistoricalKlines': async () => ({ ...BTC, granularity: '1m', limit: '3' }),
    'trading.CancelOrder': async () => ({ ...BTC, orderId: await resting('one') }),
    'trading.CancelTriggerOrders': async () => ({
      ...BTC,
      planType: 'loss_plan',
      orderIdList: [{ orderId: await newStop('57000') }, { orderId: '12345' }],
    }),
    'trading.EditOrder': async () => {
      const orderId = await resting('two');
      return { ...BTC, orderId, newClientOid: 'renamed', newSize: '0.02', newPrice: '59100' };
    },
    'trading.EditTpSlOrder': async () => {
      const orderId = await newStop('57100');
      return { ...BTC, orderId, triggerPrice: '57200', size: '0.01' };
    },
    'trading.GetOpenOrders': async () => {
      await resting('three');
      return BTC;
    },
    'trading.GetOpenTriggerOrders': async () => ({ ...BTC, planType: 'profit_loss' }),
    'trading.GetOrder': async () => ({ ...BTC, clientOid: 'three' }),
    'trading.GetTriggerSubOrders': async () => ({
      ...PRODUCT,
      planType: 'profit_loss',
      planOrderId: executed,
    }),
    'trading.PlaceOrder': async () => limit('four'),
    'trading.PlaceTpSlOrder': async () => ({ ...stop, triggerPrice: '57300' }),
    'trading.SetPositionTpSl': async () => ({
      ...BTC,
      holdSide: 'long',
      stopSurplusTriggerPrice: '70000',
    }),
  };
  const files = payloadFiles('v2').filter(({ kind }) => kind === 'answer');
  const isLast = ({ name }: { name: string }): boolean => name === 'trading.ClosePosition';
  const table: Record<string, string[]> = {};
  for (const file of [...files.filter((one) => !isLast(one)), ...files.filter(isLast)]) {
    const params = (await asked[file.name]?.()) ?? BTC;
    const send = file.method === 'GET' ? world.get : world.post;
    const answer = await send(file.path, params);
    expect(answer.text, file.name).toContain('"00000"');
    const found = differences(file.payload, JSON.parse(answer.text));
    table[file.name] = found.filter((one) => ADDED[file.name]?.includes(one) !== true);
    if (rowsOf(file.payload) > 0)
      expect(rowsOf(JSON.parse(answer.text)), `${file.name} has entries`).toBeGreaterThan(0);
  }
  expect(Object.keys(table)).toHaveLength(files.length);
  expect(Object.entries(table).filter(([, found]) => found.length > 0)).toEqual([]);
});

test('[STAND-10] each push of the classic account has the keys and kinds of values of the documented one', async () => {
  const { world, done, buy } = await busyAccount();
  const files = payloadFiles('v2').filter(({ kind }) => kind === 'push');
  const isPublic = ({ name }: { name: string }): boolean => name === 'push.Ticker';
  const privately = await world.privately('c', 'v2');
  const publicly = await world.publicly('v2');
  for (const file of files)
    (isPublic(file) ? publicly : privately).say(
      file.said.findLast(({ from }) => from === 'client')?.message as object,
    );
  const ofSubscribe = ({ event }: Record<string, unknown>): boolean => event === 'subscribe';
  await waitUntil(() => privately.heard.filter(ofSubscribe).length === files.length - 1);
  await done('/order/place-order', { ...buy, size: '0.01' });
  const table: Record<string, string[]> = {};
  for (const file of files) {
    const { heard } = isPublic(file) ? publicly : privately;
    const { arg } = file.payload as { arg: { channel: string } };
    const pushes = await waitUntil(() => {
      const found = heard.filter(
        (one) => (one.arg as { channel?: string })?.channel === arg.channel && 'data' in one,
      );
      return found.some(({ data }) => (data as unknown[]).length > 0) ? found : undefined;
    });
    table[file.name] = pushes.flatMap((push) => differences(file.payload, push));
  }
  expect(Object.keys(table)).toHaveLength(files.length);
  expect(Object.entries(table).filter(([, found]) => found.length > 0)).toEqual([]);
});
