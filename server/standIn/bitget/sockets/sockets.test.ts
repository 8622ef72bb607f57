import { describe, expect, test } from 'vitest';
import { keysOf, openSocket } from '../../../testing/bitget/signedClient.ts';
import { standInWorld } from '../../../testing/bitget/standInWorld.ts';
import { cleanupsAfterEach } from '../../../testing/cleanups.ts';
import { waitUntil } from '../../../testing/patience.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';

const cleanups = cleanupsAfterEach();
const UTA = (topic: string) => ({ op: 'subscribe', args: [{ instType: 'UTA', topic }] });
const BUY = {
  ...{ category: 'USDT-FUTURES', symbol: 'BTCUSDT', side: 'buy', orderType: 'market', qty: '0.02' },
};
const ALL = ['account', 'position', 'order', 'fill', 'strategy-order'];

/** A world, a socket on all private topics, and what it hears of one. */
async function listening(options: Parameters<typeof standInWorld>[1] = {}) {
  const world = await standInWorld(cleanups, options);
  const socket = await world.privately();
  for (const topic of ALL) socket.say(UTA(topic));
  await waitUntil(() => socket.heard.filter(({ event }) => event === 'subscribe').length === ALL.length);
  const pushes = (topic: string) =>
    socket.heard.filter((one) => (one.arg as { topic?: string })?.topic === topic && 'data' in one);
  const place = (change = {}) => world.post('/api/v3/trade/place-order', { ...BUY, ...change });
  return { world, socket, pushes, place };
}

/** All that was sent to it until now has arrived. */
async function settled(socket: Awaited<ReturnType<typeof openSocket>>): Promise<void> {
  const before = socket.texts.filter((text) => text === 'pong').length;
  socket.say('ping');
  await waitUntil(() => socket.texts.filter((text) => text === 'pong').length > before);
}

describe('a login', () => {
  test('[STAND-4] is answered with 0, and what is wrong with it by its code', async () => {
    const world = await standInWorld(cleanups);
    const k = keysOf('k');
    const answer = async (change: Partial<typeof k>, timestamp?: string): Promise<unknown> => {
      const socket = await openSocket(`${world.wsUrl}/v3/ws/private`);
      cleanups.push(() => socket.socket.terminate());
      socket.login({ ...k, ...change }, timestamp);
      return (await waitUntil(() => socket.heard[0]))?.code;
    };
    expect(await answer({})).toBe(0);
    expect(await answer({}, String(Date.now()))).toBe(0);
    expect(await answer({ apiKey: 'nobody' })).toBe(30011);
    expect(await answer({ passphrase: 'x' })).toBe(30012);
    expect(await answer({}, 'soon')).toBe(30013);
    expect(await answer({}, String(Math.floor(Date.now() / 1_000) - 45))).toBe(30014);
    expect(await answer({ secret: 'x' })).toBe(30015);
    expect(await answer(keysOf('c'))).toBe(30005);
    world.control.switches({ loginCode: 'text' });
    expect(await answer({})).toBe('0');
    world.control.refuseLogin();
    expect(await answer({})).toBe(30005);
  });

  test('[STAND-4] is needed before anything private, and what does not exist has its code', async () => {
    const world = await standInWorld(cleanups);
    const socket = await openSocket(`${world.wsUrl}/v3/ws/private`);
    cleanups.push(() => socket.socket.terminate());
    socket.say(UTA('order'));
    expect((await waitUntil(() => socket.heard[0]))?.code).toBe(30004);
    socket.login(keysOf('k'));
    await waitUntil(() => socket.heard.length === 2);
    socket.say(UTA('nonsense'));
    socket.say({ op: 'dance' });
    socket.say('{');
    await waitUntil(() => socket.heard.length === 5);
    expect(socket.heard.slice(2).map(({ code }) => code)).toEqual([30001, 30003, 30002]);
  });
});

describe('a connection', () => {
  test('[STAND-4] answers pings, and is dropped without them after two minutes and with them after a day', async () => {
    const clock = new ManualClock();
    const world = await standInWorld(cleanups, { clock });
    const quiet = await world.publicly();
    const alive = await world.publicly();
    const minute = async () => {
      alive.say('ping');
      const pongs = alive.texts.length;
      await waitUntil(() => alive.texts.length > pongs || alive.isClosed());
      clock.advance(60_000);
    };
    for (let n = 0; n < 3; n += 1) await minute();
    await waitUntil(quiet.isClosed);
    expect(alive.isClosed()).toBe(false);
    world.exchange.skew(24 * 3_600_000 - 4 * 60_000);
    alive.say('ping');
    await minute();
    clock.advance(60_000);
    await waitUntil(alive.isClosed);
  });

  test('[STAND-4] of more than ten messages a second is closed', async () => {
    const world = await standInWorld(cleanups, { clock: new ManualClock(), limits: true });
    const socket = await world.publicly();
    for (let n = 0; n < 11; n += 1) socket.say({ op: 'dance' });
    await waitUntil(socket.isClosed);
    expect(socket.heard.at(-1)?.code).toBe(30007);
  });

  test('[STAND-4] is told of an upgrade a minute before it is cut', async () => {
    const clock = new ManualClock();
    const world = await standInWorld(cleanups, { clock });
    const socket = await world.publicly();
    world.control.upgrade();
    expect((await waitUntil(() => socket.heard[0]))?.code).toBe(30033);
    clock.advance(59_000);
    expect(socket.isClosed()).toBe(false);
    clock.advance(1_000);
    await waitUntil(socket.isClosed);
  });

  test('[STAND-4] more than 300 within five minutes are refused', async () => {
    const world = await standInWorld(cleanups, { clock: new ManualClock(), limits: true });
    for (let n = 0; n < 300; n += 1) {
      const socket = await openSocket(`${world.wsUrl}/v3/ws/public`);
      socket.socket.terminate();
      await waitUntil(() => world.sockets.sessions().length < 50);
    }
    await expect(openSocket(`${world.wsUrl}/v3/ws/public`)).rejects.toThrow('429');
  });
});

describe('private pushes', () => {
  test('[STAND-5] account and position are shown on subscribing, order, fill and strategy-order are not', async () => {
    const { world, socket, pushes, place } = await listening();
    await settled(socket);
    expect(ALL.map((topic) => pushes(topic).length)).toEqual([1, 1, 0, 0, 0]);
    await place({ stopLoss: '58000' });
    await settled(socket);
    expect(pushes('fill')).toHaveLength(1);
    expect(pushes('strategy-order')).toMatchObject([{ data: [{ status: 'pending', stopLoss: '58000' }] }]);
    expect(pushes('order').map(({ data }) => (data as { orderStatus: string }[])[0]?.orderStatus)).toEqual([
      'live',
      'filled',
    ]);
    const late = await world.privately();
    late.say(UTA('position'));
    await settled(late);
    expect(late.heard.at(-1)).toMatchObject({ action: 'snapshot', data: [{ size: '0.02' }] });
  });

  test('[STAND-5] positions are told one by one although it says snapshot, the end of one with size 0', async () => {
    const { world, socket, pushes, place } = await listening();
    await place();
    await place({ symbol: 'ETHUSDT', qty: '1' });
    await world.post('/api/v3/trade/close-positions', BUY);
    await settled(socket);
    const told = pushes('position')
      .slice(1)
      .map(({ data }) => data as Record<string, string>[]);
    expect(told.map((rows) => rows.map(({ symbol, size }) => `${symbol} ${size}`))).toEqual([
      ['BTCUSDT 0.02'],
      ['ETHUSDT 1'],
      ['BTCUSDT 0'],
    ]);
    expect(told.at(-1)).toMatchObject([{ positionStatus: 'ended' }]);
  });

  test('[STAND-6] those that are to be lost are lost, and the next ones are not', async () => {
    const { world, socket, pushes, place } = await listening();
    world.control.losePushes({ apiKey: 'k', topic: 'fill' });
    await place();
    await place();
    await settled(socket);
    expect(pushes('fill')).toHaveLength(1);
    expect(pushes('position').length).toBeGreaterThan(2);
    expect(world.sockets.faults.left).toBe(0);
  });

  test('[STAND-6] a dead socket stays open and says nothing, not even pong', async () => {
    const { world, socket, place } = await listening();
    await settled(socket);
    const heard = socket.texts.length;
    world.control.dead('k', true);
    socket.say('ping');
    await place();
    const other = await world.publicly();
    await settled(other);
    expect([socket.texts.length, socket.isClosed()]).toEqual([heard, false]);
    world.control.dead('k', false);
    await settled(socket);
  });

  test('[STAND-6] a connection can drop between login and its answer', async () => {
    const world = await standInWorld(cleanups);
    world.control.dropAtLogin();
    const socket = await openSocket(`${world.wsUrl}/v3/ws/private`);
    socket.login(keysOf('k'));
    await waitUntil(socket.isClosed);
    expect(socket.heard).toEqual([]);
    expect((await world.privately()).heard).toMatchObject([{ event: 'login' }]);
  });

  test('[STAND-6] those that are held come later, in their order', async () => {
    const { world, socket, pushes, place } = await listening();
    world.control.holdPushes('k', true);
    await place();
    await place();
    await settled(socket);
    expect(pushes('fill')).toEqual([]);
    world.control.holdPushes('k', false);
    await settled(socket);
    const ids = pushes('fill').map(({ data }) => (data as { execId: string }[])[0]?.execId ?? '');
    expect(ids).toHaveLength(2);
    expect([...ids].sort()).toEqual(ids);
  });

  test('[STAND-14] of one user are told to nobody else', async () => {
    const world = await standInWorld(cleanups, { users: [{ apiKey: 'k' }, { apiKey: 'other' }] });
    const other = await world.privately('other');
    other.say(UTA('fill'));
    other.say(UTA('order'));
    await settled(other);
    await world.post('/api/v3/trade/place-order', BUY);
    await settled(other);
    expect(other.heard.filter((one) => 'data' in one)).toEqual([]);
  });
});

test('[STAND-5] tickers and candles are told when they are subscribed to and with each look at the market', async () => {
  for (const family of ['v3', 'v2'] as const) {
    const world = await standInWorld(cleanups);
    const socket = await world.publicly(family);
    const v3 = { instType: 'usdt-futures', symbol: 'BTCUSDT' };
    const v2 = { instType: 'USDT-FUTURES', instId: 'BTCUSDT' };
    socket.say({
      op: 'subscribe',
      args:
        family === 'v3'
          ? [
              { ...v3, topic: 'ticker' },
              { ...v3, topic: 'kline', interval: '1m' },
              { ...v3, topic: 'books5' },
            ]
          : [
              { ...v2, channel: 'ticker' },
              { ...v2, channel: 'candle1m' },
              { ...v2, channel: 'books5' },
            ],
    });
    const data = () => socket.heard.filter((one) => 'data' in one);
    await waitUntil(() => data().length >= 3);
    world.control.price('BTCUSDT', '61234.5');
    await waitUntil(() => data().filter((one) => JSON.stringify(one).includes('61234.5')).length >= 3);
    const unsubscribe = family === 'v3' ? { ...v3, topic: 'ticker' } : { ...v2, channel: 'ticker' };
    socket.say({ op: 'unsubscribe', args: [unsubscribe] });
    expect((await waitUntil(() => socket.heard.find(({ event }) => event === 'unsubscribe')))?.arg).toEqual(
      unsubscribe,
    );
  }
});
