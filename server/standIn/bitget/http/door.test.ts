import { expect, test } from 'vitest';
import { call, keysOf } from '../../../testing/bitget/signedClient.ts';
import { standInWorld } from '../../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';
import { ADDRESS_PER_MINUTE, BAN_MS } from './limits.ts';

const cleanups = cleanupsAfterEach();
const SETTINGS = '/api/v3/account/settings';
const BTC = { category: 'USDT-FUTURES', symbol: 'BTCUSDT' };

test('[STAND-1] a request needs key, signature, time and passphrase, and each fault has its code', async () => {
  const users = [
    { apiKey: 'k' },
    { apiKey: 'c', family: 'v2' as const },
    { apiKey: 'live', environment: 'live' as const },
    { apiKey: 'read', readOnly: true },
    { apiKey: 'bound', ips: ['10.1.2.3'] },
  ];
  const world = await standInWorld(cleanups, { users });
  const k = keysOf('k');
  const code = async (options: Parameters<typeof call>[2], path = SETTINGS): Promise<string> => {
    const answer = await call(world.url, path, { keys: k, ...options });
    if (answer.code !== '00000') {
      expect(answer.status).toBe(400);
      expect(answer.data).toBeNull();
    }
    return answer.code;
  };
  expect(await code({})).toBe('00000');
  expect(await code({ params: { note: 'a b/c%' } })).toBe('00000');
  expect(await code({ headers: { 'ACCESS-KEY': '' } })).toBe('40001');
  expect(await code({ headers: { 'ACCESS-SIGN': '' } })).toBe('40003');
  expect(await code({ headers: { 'ACCESS-TIMESTAMP': '' } })).toBe('40002');
  expect(await code({ headers: { 'ACCESS-PASSPHRASE': '' } })).toBe('40011');
  expect(await code({ keys: keysOf('nobody') })).toBe('40006');
  expect(await code({ keys: { ...k, secret: 'other' } })).toBe('40009');
  expect(await code({ keys: { ...k, passphrase: 'other' } })).toBe('40012');
  expect(await code({ timestamp: 'soon' })).toBe('40005');
  expect(await code({ timestamp: Date.now() - 31_000 })).toBe('40008');
  expect(await code({ timestamp: Date.now() + 31_000 })).toBe('40008');
  expect(await code({ timestamp: Date.now() - 25_000 })).toBe('00000');
  expect(await code({ headers: { paptrading: '0' } })).toBe('40099');
  expect(await code({ keys: keysOf('live') })).toBe('40099');
  expect(await code({ keys: keysOf('live'), headers: { paptrading: '0' } })).toBe('00000');
  expect(await code({ keys: keysOf('bound') })).toBe('40018');
  const order = { ...BTC, side: 'buy', orderType: 'market', qty: '0.01' };
  const post = { method: 'POST' as const, params: order, keys: keysOf('read') };
  expect(await code(post, '/api/v3/trade/place-order')).toBe('25620');
  expect((await call(world.url, '/api/v3/nothing', { keys: k })).status).toBe(404);
});

test('[STAND-1] the wrong family is told, to unified accounts before the signature is looked at', async () => {
  const world = await standInWorld(cleanups);
  const wrong = { ...keysOf('k'), secret: 'other' };
  const classic = await call(world.url, '/api/v2/mix/account/accounts', { keys: wrong });
  expect([classic.status, classic.code]).toEqual([400, '40085']);
  world.control.user({ apiKey: 'elite', elite: true });
  const elite = await call(world.url, '/api/v2/mix/account/accounts', { keys: keysOf('elite') });
  expect(elite.code).toBe('40731');
  const unified = await call(world.url, SETTINGS, { keys: keysOf('c') });
  expect([unified.status, unified.code]).toEqual([400, '40084']);
});

test('[STAND-1] a clock that is off is told, and the window follows the clock of the exchange', async () => {
  const world = await standInWorld(cleanups);
  world.control.skew(45_000);
  expect((await world.get(SETTINGS)).code).toBe('40008');
  const time = await world.get('/api/v3/public/time');
  const { serverTime } = time.data as { serverTime: string };
  expect((await world.get(SETTINGS, {}, { timestamp: serverTime })).code).toBe('00000');
});

test('[STAND-2] each endpoint has a limit of its own per user, and per address where it is public', async () => {
  const clock = new ManualClock();
  const users = [{ apiKey: 'k' }, { apiKey: 'other' }];
  const world = await standInWorld(cleanups, { clock, users, limits: true });
  const statuses = async (times: number, ask: () => Promise<{ status: number }>): Promise<number[]> => {
    const seen: number[] = [];
    for (let n = 0; n < times; n += 1) seen.push((await ask()).status);
    return seen;
  };
  const info = () => world.get('/api/v3/account/info');
  expect(await statuses(6, info)).toEqual([200, 200, 200, 200, 200, 429]);
  expect((await world.get('/api/v3/account/info', {}, { keys: keysOf('other') })).status).toBe(200);
  expect((await world.get(SETTINGS)).status).toBe(200);
  clock.advance(1_000);
  expect((await info()).status).toBe(200);
  const tickers = () => world.get('/api/v3/market/tickers', BTC, { keys: keysOf('nobody') });
  expect((await statuses(21, tickers)).filter((status) => status === 429)).toHaveLength(1);
  expect(world.http.limits.refused.get('/api/v3/market/tickers')).toBe(1);
});

test('[STAND-2] an address that asks for too much is banned for five minutes, whoever asks', async () => {
  const clock = new ManualClock();
  const world = await standInWorld(cleanups, { clock, limits: true });
  for (let n = 0; n < ADDRESS_PER_MINUTE; n += 1) world.http.limits.takesAddress('127.0.0.1');
  expect((await world.get('/api/v3/public/time')).status).toBe(429);
  clock.advance(BAN_MS - 1);
  expect((await world.get('/api/v3/public/time')).status).toBe(429);
  clock.advance(2);
  expect((await world.get('/api/v3/public/time')).status).toBe(200);
});

test('[STAND-3] scripted faults befall the requests that match, so often as was said', async () => {
  const world = await standInWorld(cleanups);
  const { control } = world;
  const positions = () => world.get('/api/v3/position/current-position', BTC);
  control.fault({ kind: 'html', match: { path: 'current-position' }, times: 2 });
  expect((await world.get(SETTINGS)).code).toBe('00000');
  for (let n = 0; n < 2; n += 1) {
    const { status, text } = await positions();
    expect([status, text.startsWith('<html>')]).toEqual([200, true]);
  }
  expect((await positions()).code).toBe('00000');
  control.fault({ kind: 'empty' });
  expect(await positions()).toMatchObject({ status: 200, text: '' });
  control.fault({ kind: 'code', code: '40725', status: 200 });
  expect(await positions()).toMatchObject({ status: 200, code: '40725', data: null });
  control.fault({ kind: 'cut' });
  await expect(positions()).rejects.toThrow();
  expect(world.http.faults.left).toBe(0);
});

test('[STAND-3] a fault hides an answer after the request took effect, where it was said to', async () => {
  const world = await standInWorld(cleanups);
  const order = { ...BTC, side: 'buy', orderType: 'limit', price: '59000', qty: '0.01' };
  const place = (clientOid: string) => world.post('/api/v3/trade/place-order', { ...order, clientOid });
  const find = async (clientOid: string) => (await world.get('/api/v3/trade/order-info', { clientOid })).code;
  world.control.fault({ kind: 'cut', carriedOut: true });
  await expect(place('done')).rejects.toThrow();
  expect(await find('done')).toBe('00000');
  world.control.fault({ kind: 'cut' });
  await expect(place('lost')).rejects.toThrow();
  expect(await find('lost')).toBe('25204');
  world.control.fault({ kind: 'nullList', match: { path: 'unfilled-orders' } });
  const open = () => world.get('/api/v3/trade/unfilled-orders', BTC);
  expect((await open()).data).toMatchObject({ list: null });
  await place('second');
  world.control.fault({ kind: 'omit', entry: 'second' });
  expect((await open()).data).toMatchObject({ list: [{ clientOid: 'done' }] });
  expect((await open()).data).toMatchObject({ list: [{ clientOid: 'second' }, { clientOid: 'done' }] });
});

test('[STAND-3] maintenance answers with its code, and who is down cuts connections until it is up', async () => {
  const world = await standInWorld(cleanups);
  world.control.maintenance('45001');
  expect((await world.get(SETTINGS)).code).toBe('45001');
  expect((await world.get('/api/v3/public/time')).code).toBe('00000');
  world.control.maintenance('40015', true);
  expect((await world.get('/api/v3/public/time')).code).toBe('40015');
  world.control.maintenance(null);
  expect((await world.get(SETTINGS)).code).toBe('00000');
  const socket = await world.privately();
  world.control.down();
  await expect(world.get(SETTINGS)).rejects.toThrow();
  await expect.poll(socket.isClosed).toBe(true);
  await expect(world.privately()).rejects.toThrow();
  world.control.up();
  expect((await world.get(SETTINGS)).code).toBe('00000');
});

test('[STAND-3] an answer can say something else, come late, or come late after it took effect', async () => {
  const clock = new ManualClock();
  const world = await standInWorld(cleanups, { clock });
  const order = { ...BTC, side: 'buy', orderType: 'market', qty: '0.02' };
  await world.post('/api/v3/trade/place-order', order);
  const positions = () => world.get('/api/v3/position/current-position', BTC);
  world.control.fault({ kind: 'edit', change: { total: '0.01' }, match: { path: 'current-position' } });
  expect((await positions()).data).toMatchObject({ list: [{ total: '0.01', available: '0.02' }] });
  expect((await positions()).data).toMatchObject({ list: [{ total: '0.02' }] });
  for (const carriedOut of [false, true]) {
    world.control.fault({ kind: 'delay', ms: 5_000, carriedOut });
    const waiting = clock.pending;
    const placed = world.post('/api/v3/trade/place-order', order);
    await expect.poll(() => clock.pending).toBe(waiting + 1);
    expect(world.control.truth('k').fills).toBe(carriedOut ? 3 : 1);
    clock.advance(5_000);
    expect((await placed).code).toBe('00000');
  }
});

test('[STAND-3] after a restart everything is as it was', async () => {
  const clock = new ManualClock();
  const world = await standInWorld(cleanups, { clock });
  const order = { ...BTC, side: 'buy', orderType: 'limit', price: '59000', qty: '0.01' };
  await world.post('/api/v3/trade/place-order', order);
  world.control.restart(30_000);
  await expect(world.get(SETTINGS)).rejects.toThrow();
  clock.advance(30_000);
  expect((await world.get('/api/v3/trade/unfilled-orders', BTC)).data).toMatchObject({
    list: [{ price: '59000' }],
  });
});
