import { describe, expect, onTestFinished, test } from 'vitest';
import { readPayload } from '../../../testing/bitget/payloads.ts';
import { type SocketServer, startSocketServer } from '../../../testing/bitget/socketServer.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';
import { CallLimiter } from '../calls/callLimiter.ts';
import { ServerClock } from '../calls/serverClock.ts';
import { BitgetKeys } from '../errors/bitgetKeys.ts';
import { privateSpeech as classic } from '../v2/privateSpeech.ts';
import { privateSpeech as unified } from '../v3/privateSpeech.ts';
import { backoffMs } from './backoff.ts';
import { type AccountPush, type PrivateSpeech, PrivateStream } from './privateStream.ts';
import { PublicStream } from './publicStream.ts';

const PARTS = { apiKey: 'bg_planted_key_0001', secret: 'planted-secret-0002', passphrase: 'planted 3' };

async function world(speech: PrivateSpeech = unified) {
  const server = await startSocketServer(PARTS);
  onTestFinished(() => server.stop());
  const clock = new ManualClock(Date.now());
  const told: string[] = [];
  const pushes: AccountPush[] = [];
  const stream = new PrivateStream({
    baseUrl: server.url,
    speech,
    keys: new BitgetKeys(PARTS),
    clock,
    serverClock: new ServerClock(clock),
    random: () => 0.5,
    limiter: new CallLimiter(clock, () => 0),
    events: {
      pushed: (push) => pushes.push(push),
      interrupted: (reason) => told.push(`interrupted: ${reason}`),
      restored: () => told.push('restored'),
      maintenance: () => told.push('maintenance'),
    },
  });
  onTestFinished(() => stream.close());
  const restored = (times: number) =>
    expect.poll(() => told.filter((word) => word === 'restored').length).toBe(times);
  /** Lets time pass until something is told that was not yet, in steps that let the network speak in between. */
  const passUntil = async (is: () => boolean) =>
    expect
      .poll(() => {
        clock.advance(1_000);
        return is();
      })
      .toBe(true);
  return { server, clock, stream, told, pushes, restored, passUntil };
}
const pushOf = (family: 'v2' | 'v3', name: string) => readPayload(family, name).body;
const opened = (server: SocketServer, times: number) => expect.poll(() => server.opened).toBe(times);

describe('a private stream', () => {
  test.each([
    [
      'unified',
      unified,
      'v3',
      ['push.Order', 'push.UserTrade', 'push.Position', 'push.StrategyOrder', 'push.Account'],
    ],
    ['classic', classic, 'v2', ['push.Order', 'push.Position', 'push.Balance']],
  ] as const)(
    '[BIT-28] %s: logs in, subscribes to all of its topics, and tells what is pushed',
    async (_name, speech, family, names) => {
      const { server, stream, pushes, told, restored } = await world(speech);
      stream.open();
      await restored(1);
      expect(server.subscribed).toEqual(Object.values(speech.topics));
      expect(told).toEqual(['restored']);
      for (const name of names) server.say(pushOf(family, name));
      const kinds =
        family === 'v3'
          ? ['order', 'fill', 'position', 'order', 'wallet']
          : ['fill', 'order', 'position', 'wallet'];
      await expect.poll(() => pushes.map(({ type }) => type)).toEqual(kinds);
    },
  );

  test.each([0, '0', '00000'])('[BIT-28] the login is acknowledged by %j as well', async (code) => {
    const { server, stream, restored } = await world();
    server.faults.loginCode = code;
    stream.open();
    await restored(1);
    expect(stream.isReady).toBe(true);
  });

  test.each(['silent', 'dropped', 'refused'] as const)(
    '[BIT-29] a login that is %s leaves no stream that only looks healthy: it is built anew',
    async (login) => {
      const { server, stream, told, restored, passUntil } = await world();
      server.faults.login = login;
      stream.open();
      await passUntil(() => told.some((word) => word.startsWith('interrupted')));
      expect(stream.isReady).toBe(false);
      server.faults.login = 'answered';
      await passUntil(() => stream.isReady);
      await restored(1);
      expect(server.opened).toBeGreaterThanOrEqual(2);
      expect(told.filter((word) => word.startsWith('interrupted'))).toHaveLength(1);
    },
  );

  test('[BIT-29] a subscription that is not acknowledged is no subscription', async () => {
    const { server, stream, told, passUntil } = await world();
    server.faults.mute = ['fill'];
    stream.open();
    await passUntil(() => told.length > 0);
    expect(told).toEqual(['interrupted: not ready in time']);
    server.faults.mute = [];
    await passUntil(() => stream.isReady);
  });

  test('[BIT-30] a connection that is open and dead is noticed by the pong that does not come', async () => {
    const { server, clock, stream, told, restored, passUntil } = await world();
    stream.open();
    await restored(1);
    server.faults.isDead = true;
    clock.advance(24_999);
    expect(told).toEqual(['restored']);
    clock.advance(10_001);
    expect(told.at(-1)).toBe('interrupted: no pong');
    server.faults.isDead = false;
    await passUntil(() => stream.isReady);
    await restored(2);
  });

  test('[BIT-30] one that answers its pings stays', async () => {
    const { server, clock, stream, restored, told } = await world();
    stream.open();
    await restored(1);
    for (let minute = 0; minute < 5; minute += 1) {
      clock.advance(25_000);
      // Its pong has been heard once the answer to what was sent after it has.
      server.say(pushOf('v3', 'push.Account'));
      await expect.poll(() => clock.pending).toBe(1);
    }
    expect([server.opened, told]).toEqual([1, ['restored']]);
  });

  test('[BIT-31] after a drop it logs in and subscribes again, ever later, and tells both once', async () => {
    const { server, stream, told, restored, passUntil } = await world();
    stream.open();
    await restored(1);
    server.drop();
    await expect.poll(() => told.length).toBe(2);
    await passUntil(() => stream.isReady);
    await restored(2);
    expect(server.subscribed).toHaveLength(5);
    const waits = [0, 1, 2, 3, 9, 50].map((failures) => backoffMs(failures, () => 1));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 30_000, 30_000]);
    expect(backoffMs(3, () => 0)).toBe(2_000);
  });

  test('[BIT-32] what nobody can read interrupts it, so that the account is read', async () => {
    const { server, stream, told, restored, passUntil } = await world();
    stream.open();
    await restored(1);
    server.say({ action: 'snapshot', arg: { instType: 'UTA', topic: 'fill' }, data: [{ execId: '1' }] });
    await expect.poll(() => told.length).toBe(2);
    expect(told[1]).toMatch(/^interrupted: fill: not an answer of it/);
    await passUntil(() => stream.isReady);
    server.say('<html>');
    await expect.poll(() => told.at(-1)).toBe('interrupted: a message that says nothing');
    // Topics that it did not ask for, and words that it does not know, are nothing to it.
    await passUntil(() => stream.isReady);
    server.say({ event: 'unsubscribe', arg: { topic: 'other' } });
    server.say({ arg: { topic: 'adl-notification' }, data: [{}] });
    server.say(pushOf('v3', 'push.Account'));
    await expect.poll(() => stream.isReady).toBe(true);
  });

  test('[BIT-33] announced maintenance is told ahead of the drop, and the connection used until then', async () => {
    const { server, stream, told, pushes, restored } = await world();
    stream.open();
    await restored(1);
    server.say({ event: 'error', code: 30033, msg: 'upgrade' });
    await expect.poll(() => told).toEqual(['restored', 'maintenance']);
    server.say(pushOf('v3', 'push.UserTrade'));
    await expect.poll(() => pushes.length).toBe(1);
    expect(server.opened).toBe(1);
  });

  test('[BIT-34] a closed one stays closed', async () => {
    const { server, clock, stream, restored, told } = await world();
    stream.open();
    stream.open();
    await restored(1);
    stream.close();
    clock.advance(600_000);
    expect([server.opened, told, clock.pending]).toEqual([1, ['restored'], 0]);
  });
});

describe('a public stream', () => {
  test('[BIT-31] subscribes in portions, tells what is pushed by symbol, and comes back', async () => {
    const server = await startSocketServer(PARTS);
    onTestFinished(() => server.stop());
    const clock = new ManualClock(Date.now());
    const told: string[] = [];
    const args = Array.from({ length: 40 }, (_, index) => ({
      instType: 'usdt-futures',
      topic: 'ticker',
      symbol: `C${index}USDT`,
    }));
    const stream = new PublicStream({
      url: `${server.url}/v3/ws/public`,
      args,
      clock,
      random: () => 0,
      limiter: new CallLimiter(clock, () => 0),
      events: {
        pushed: ({ topic, symbol }) => told.push(`${topic} ${symbol}`),
        interrupted: () => told.push('interrupted'),
        restored: () => told.push('restored'),
        maintenance: () => told.push('maintenance'),
      },
    });
    onTestFinished(() => stream.close());
    stream.open();
    await expect.poll(() => told).toEqual(['restored']);
    expect(server.subscribed).toEqual(args);
    server.say({ action: 'snapshot', arg: { topic: 'ticker', symbol: 'C1USDT' }, data: [], ts: 5 });
    server.say(pushOf('v2', 'push.Ticker'));
    await expect.poll(() => told.slice(1)).toEqual(['ticker C1USDT', 'ticker BTCUSDT']);
    server.drop();
    await expect.poll(() => told.at(-1)).toBe('interrupted');
    clock.advance(500);
    await opened(server, 2);
    await expect.poll(() => told.at(-1)).toBe('restored');
  });
});
