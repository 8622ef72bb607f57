import { expect, test } from 'vitest';
import { systemClock } from '../../../adapters/clock/systemClock.ts';
import { payloadFiles } from '../../../testing/bitget/payloadFiles.ts';
import { differences, rowsOf } from '../../../testing/bitget/sameShape.ts';
import { call, keysOf, openSocket } from '../../../testing/bitget/signedClient.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { waitUntil } from '../../../testing/patience.ts';
import { startStandIn } from '../startStandIn.ts';

const cleanups = cleanupsAfterEach();
const keys = keysOf('shape');
const FUTURES = { category: 'USDT-FUTURES' };
const BTC = { ...FUTURES, symbol: 'BTCUSDT' };

type Params = Record<string, unknown>;

/** An account with something of everything, and the ids of it. */
async function busyAccount() {
  const standIn = await startStandIn({
    clock: systemClock,
    limits: false,
    switches: { loginCode: 'text' },
    users: [{ apiKey: 'shape', bgb: '5', ips: ['127.0.0.1'] }],
  });
  cleanups.push(() => standIn.stop());
  const { control, url } = standIn;
  const ask = (method: 'GET' | 'POST', path: string, params: Params = {}) =>
    call(url, path, { keys, method, params });
  const post = async (path: string, params: Params): Promise<string> => {
    const { data, text } = await ask('POST', path, params);
    expect(text).toContain('"00000"');
    return (data as { orderId: string } | null)?.orderId ?? '';
  };
  control.price('BTCUSDT', '60000');
  await post('/api/v3/account/set-leverage', { ...BTC, leverage: '10' });
  const buy = { ...BTC, side: 'buy', orderType: 'market', qty: '0.02' };
  // One round trip with a take profit that fires, so that there is a history.
  await post('/api/v3/trade/place-order', { ...buy, takeProfit: '61000', stopLoss: '59000' });
  control.price('BTCUSDT', '61000');
  await post('/api/v3/trade/place-order', { ...buy, stopLoss: '59000', slTriggerBy: 'mark' });
  const limit = { ...buy, orderType: 'limit', qty: '0.01', clientOid: 'resting' };
  const resting = await post('/api/v3/trade/place-order', { ...limit, price: '60500' });
  control.tradeAgainst('shape', resting, '0.004');
  return { standIn, ask, post, resting, limit };
}

test('[STAND-10] each answer of the unified account has the keys and kinds of values of the documented one', async () => {
  const { ask, post, resting, limit } = await busyAccount();
  const stop = { ...BTC, type: 'tpsl', tpslMode: 'partial', qty: '0.01', side: 'sell', posSide: 'long' };
  const again = (clientOid: string): Params => ({ ...limit, clientOid, price: '60400' });
  const newStop = async (): Promise<Params> => ({
    orderId: await post('/api/v3/trade/place-strategy-order', { ...stop, takeProfit: '72000' }),
  });
  /** Where the file's own parameters would not find anything. */
  const asked: Record<string, () => Promise<Params>> = {
    'account.GetFinancialRecords': async () => FUTURES,
    'account.SetLeverage': async () => ({ ...BTC, leverage: '10' }),
    'account.SetHoldMode': async () => ({ holdMode: 'one_way_mode' }),
    'trading.CancelOrder': async () => ({ orderId: await post('/api/v3/trade/place-order', again('one')) }),
    'trading.EditOrder': async () => ({ orderId: resting, qty: '0.02' }),
    'trading.GetOrder': async () => ({ orderId: resting }),
    'trading.PlaceOrder': async () => again('two'),
    'trading.PlaceStrategyOrder': async () => ({ ...stop, takeProfit: '70000' }),
    'trading.EditStrategyOrder': async () => ({ ...(await newStop()), takeProfit: '71000' }),
    'trading.CancelStrategyOrder': newStop,
  };
  const files = payloadFiles('v3').filter(({ kind }) => kind === 'answer');
  // What closes and cancels everything comes last.
  const isLast = ({ name }: { name: string }): boolean => /CancelAllOrders|ClosePositions/.test(name);
  const table: Record<string, string[]> = {};
  for (const file of [...files.filter((one) => !isLast(one)), ...files.filter(isLast)]) {
    const params = (await asked[file.name]?.()) ?? { ...BTC, interval: '1m', limit: '3' };
    const answer = await ask(file.method as 'GET' | 'POST', file.path, params);
    expect(answer.text, file.name).toContain('"00000"');
    table[file.name] = differences(file.payload, JSON.parse(answer.text));
    if (rowsOf(file.payload) > 0)
      expect(rowsOf(JSON.parse(answer.text)), `${file.name} has entries`).toBeGreaterThan(0);
  }
  expect(Object.keys(table)).toHaveLength(files.length);
  expect(Object.entries(table).filter(([, found]) => found.length > 0)).toEqual([]);
});

test('[STAND-10] each push of the unified account has the keys and kinds of values of the documented one', async () => {
  const { standIn, post } = await busyAccount();
  const files = payloadFiles('v3').filter(({ kind }) => kind === 'push');
  const isPublic = ({ name }: { name: string }): boolean => name === 'push.Ticker';
  const privately = await openSocket(`${standIn.wsUrl}/v3/ws/private`);
  const publicly = await openSocket(`${standIn.wsUrl}/v3/ws/public`);
  cleanups.push(
    () => privately.socket.close(),
    () => publicly.socket.close(),
  );
  privately.login(keys);
  await waitUntil(() => privately.heard.length === 1);
  for (const file of files) {
    const subscribe = file.said.findLast(({ from }) => from === 'client')?.message;
    (isPublic(file) ? publicly : privately).say(subscribe as object);
  }
  await waitUntil(
    () => privately.heard.filter(({ event }) => event === 'subscribe').length === files.length - 1,
  );
  standIn.control.price('BTCUSDT', '58900');
  await post('/api/v3/trade/place-order', { ...BTC, side: 'sell', orderType: 'market', qty: '0.01' });
  const table: Record<string, string[]> = {};
  for (const file of files) {
    const { heard } = isPublic(file) ? publicly : privately;
    const { arg } = file.payload as { arg: { topic: string } };
    const pushes = await waitUntil(() => {
      const found = heard.filter(
        (one) => (one.arg as { topic?: string })?.topic === arg.topic && 'data' in one,
      );
      return found.some(({ data }) => (data as unknown[]).length > 0) ? found : undefined;
    });
    table[file.name] = pushes.flatMap((push) => differences(file.payload, push));
    for (const reply of file.said.filter(({ from }) => from === 'server')) {
      const { event } = reply.message as { event: string };
      if (event !== 'subscribe')
        table[file.name]?.push(
          ...differences(
            reply.message,
            heard.find((one) => one.event === event),
          ),
        );
    }
  }
  expect(Object.keys(table)).toHaveLength(files.length);
  expect(Object.entries(table).filter(([, found]) => found.length > 0)).toEqual([]);
});
