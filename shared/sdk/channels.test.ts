import { afterEach, expect, test } from 'vitest';
import { sampleError } from '../../server/testing/sampleError.ts';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import { until } from '../../server/testing/sdk/until.ts';
import { CLOSE } from '../protocol/closeCodes.ts';
import type { Push } from '../protocol/serverMessage.ts';
import type { SubscribableChannel } from './channels.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

const TICKER = 'ticker:sim.BTCUSDT';
const CANDLES = 'candles:sim.BTCUSDT.1m';
const LOG = 'log:bot1';

function listen(channel: SubscribableChannel, options: { intervalMs?: number } = {}) {
  const heard: Push[] = [];
  const errors: string[] = [];
  const stop = scenario.client.subscribe(channel, (push) => heard.push(push), {
    ...options,
    onError: (error) => errors.push(error.code),
  });
  return { heard, errors, stop };
}

const asked = (op: 'subscribe' | 'unsubscribe') =>
  scenario.server.sent(op).filter(({ args }) => String(args.channels) !== 'desk');
const ticker = (last: string) => ({ ch: TICKER, kind: 'ticker', ts: 1, data: { last } });
const candle = (openTime: number, close: string, closed = false) => ({
  ch: CANDLES,
  kind: 'candle',
  ts: 1,
  data: { openTime, close, closed },
});

test('[SDK-50] one subscription serves all listeners and ends with the last', async () => {
  scenario = await ClientScenario.start();
  const early = listen(TICKER);
  await scenario.live();
  const second = listen(TICKER);
  scenario.server.push(ticker('1'));
  scenario.server.push({ ...ticker('2'), ch: 'ticker:sim.ETHUSDT' });
  await scenario.roundTrip();
  expect(asked('subscribe').map(({ args }) => args)).toEqual([{ channels: [TICKER] }]);
  expect(early.heard).toEqual([ticker('1')]);
  expect(second.heard).toEqual([ticker('1')]);
  early.stop();
  early.stop();
  await scenario.roundTrip();
  expect(asked('unsubscribe')).toHaveLength(0);
  second.stop();
  await scenario.roundTrip();
  expect(asked('unsubscribe').map(({ args }) => args)).toEqual([{ channels: [TICKER] }]);
  scenario.server.push(ticker('3'));
  await scenario.roundTrip();
  expect(second.heard).toHaveLength(1);
});

test('[SDK-50] joins again after a reconnect, grouped by interval', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  listen(TICKER);
  listen('pnl', { intervalMs: 500 });
  listen(LOG);
  const left = listen('devices');
  left.stop();
  await scenario.roundTrip();
  const before = asked('subscribe').length;
  scenario.server.peer.close(CLOSE.slowReader);
  await scenario.comeBack();
  await scenario.roundTrip();
  expect(
    asked('subscribe')
      .slice(before)
      .map(({ args }) => args),
  ).toEqual([{ channels: [TICKER, LOG] }, { channels: ['pnl'], intervalMs: 500 }]);
});

test('[SDK-51] a late listener hears the latest value', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  listen(TICKER);
  scenario.server.push(ticker('1'));
  scenario.server.push(ticker('2'));
  await scenario.roundTrip();
  const late = listen(TICKER);
  const gone = listen(TICKER);
  gone.stop();
  await scenario.roundTrip();
  expect(late.heard).toEqual([ticker('2')]);
  expect(gone.heard).toEqual([]);
});

test('[SDK-51] a late listener hears the candles as they are by now', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  listen(CANDLES);
  const old = Array.from({ length: 300 }, (_, n) => ({ openTime: n, close: 'old' }));
  scenario.server.push({ ch: CANDLES, kind: 'history', ts: 1, data: old });
  scenario.server.push(candle(299, 'a', true));
  scenario.server.push(candle(300, 'b'));
  scenario.server.push(candle(300, 'c'));
  await scenario.roundTrip();
  const late = listen(CANDLES);
  await scenario.roundTrip();
  const [history, ...open] = late.heard;
  expect(open, 'the open bar, not among the closed ones').toEqual([candle(300, 'c')]);
  expect(history?.kind).toBe('history');
  const data = history?.kind === 'history' ? history.data : [];
  expect(data).toHaveLength(300);
  expect(data[0]).toEqual({ openTime: 0, close: 'old' });
  expect(data.at(-1)).toEqual({ openTime: 299, close: 'a' });
  scenario.server.push(candle(300, 'd', true));
  await scenario.roundTrip();
  const later = listen(CANDLES);
  await scenario.roundTrip();
  expect(later.heard).toHaveLength(1);
  expect(later.heard[0]?.kind === 'history' ? later.heard[0].data.at(-1) : null).toEqual({
    openTime: 300,
    close: 'd',
  });
});

test('[SDK-51] a late listener hears the last 200 lines of a log', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  listen(LOG);
  const line = (n: number) => ({ ts: n, botId: 'bot1', code: 'waits', text: `${n}` });
  scenario.server.push({ ch: LOG, kind: 'history', ts: 1, data: [line(0)] });
  for (let n = 1; n <= 205; n += 1) scenario.server.push({ ch: LOG, kind: 'line', ts: n, data: line(n) });
  await scenario.roundTrip();
  const late = listen(LOG);
  await scenario.roundTrip();
  const [history] = late.heard;
  expect(history?.kind === 'history' ? history.data : []).toEqual(
    Array.from({ length: 200 }, (_, n) => line(n + 6)),
  );
});

test('[SDK-52] tells a refusal, and tries again when that can help', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  const bad = 'ticker:sim.NOPE';
  let ready = false;
  scenario.server.answer = (request) => {
    const channels = String(request.args.channels ?? '');
    if (request.op !== 'subscribe' || channels === 'desk') return undefined;
    if (channels.includes(bad)) return { error: sampleError('not_found', 'no such market') };
    return ready ? undefined : { error: sampleError('unavailable', 'not yet') };
  };
  const never = listen(bad);
  const later = listen(TICKER);
  await until(() => never.errors.length + later.errors.length === 2, 'both refusals');
  expect(never.errors).toEqual(['not_found']);
  expect(later.errors).toEqual(['unavailable']);
  ready = true;
  await scenario.pass(5_000);
  await until(() => asked('subscribe').length === 3, 'the retry');
  // After a reconnect both are asked for in one frame, which is refused for the bad one.
  scenario.server.peer.close(CLOSE.slowReader);
  await scenario.comeBack();
  await until(() => never.errors.length === 2, 'the second refusal');
  await scenario.roundTrip();
  expect(scenario.server.peer.sent('subscribe').map(({ args }) => args.channels)).toEqual([
    ['desk'],
    [bad, TICKER],
    [bad],
    [TICKER],
  ]);
  expect(later.errors).toHaveLength(1);
});

test('[SDK-53] refuses the 50th channel', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  const listeners = Array.from({ length: 49 }, (_, n) => listen(`ticker:sim.C${n}`));
  const tooMany = listen('ticker:sim.LAST');
  await until(() => tooMany.errors.length === 1, 'the refusal');
  expect(tooMany.errors).toEqual(['rate_limited']);
  await scenario.roundTrip();
  expect(asked('subscribe')).toHaveLength(49);
  listeners[0]?.stop();
  tooMany.stop();
  const fits = listen('ticker:sim.LAST');
  await until(() => asked('subscribe').length === 50, 'there is room again');
  expect(fits.errors).toEqual([]);
});

test('[SDK-54] asks for the smallest interval that anybody wants', async () => {
  scenario = await ClientScenario.start();
  await scenario.live();
  listen(TICKER, { intervalMs: 2_000 });
  listen(TICKER, { intervalMs: 500 });
  listen(TICKER, { intervalMs: 1_000 });
  listen(TICKER);
  await scenario.roundTrip();
  expect(asked('subscribe').map(({ args }) => args.intervalMs)).toEqual([2_000, 500, undefined]);
});
