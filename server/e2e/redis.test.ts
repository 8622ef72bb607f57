import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeWebSocket } from '../../shared/sdk/nodeWebSocket.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { ReceivedDesk } from '../testing/e2e/receivedDesk.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { TestRedis } from '../testing/redis.ts';
import { requireOrSkip } from '../testing/requireOrSkip.ts';
import { CuttableProxy } from '../testing/sdk/cuttableProxy.ts';

const cleanups = cleanupsAfterEach();

/** A server whose frames go through a Redis of its own, and a device that counts what it gets. */
async function started() {
  const redis = await TestRedis.start();
  cleanups.push(() => redis.kill());
  const link = await CuttableProxy.start(Number(new URL(redis.url).port));
  cleanups.push(() => link.stop());
  const env = { REDIS_URL: link.url.replace('http:', 'redis:'), SIM_SPEED: '120' };
  const server = await ServerProcess.start({ env });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const received = new ReceivedDesk();
  const device = await trader.device('pc', { webSocket: received.tap(nodeWebSocket) });
  return { redis, link, server, trader, received, device };
}

describe.skipIf(requireOrSkip('redis-server'))('with Redis between engine and gateway', () => {
  it('[E2E-11] Redis restarted in the middle of trading costs no device an event', async () => {
    const { redis, server, trader, received, device } = await started();
    for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']) {
      const botId = await device.createBot(await device.openAccount(symbol), symbol);
      await device.client.request('bots.start', { botId });
    }
    const fillsSeen = () => device.frames.filter(({ kind }) => kind === 'FillRecorded').length;
    await eventually('fills before', () => fillsSeen() >= 5);
    await redis.kill();
    const before = fillsSeen();
    await eventually('fills while Redis is away', () => fillsSeen() >= before + 3);
    await redis.start();
    const after = fillsSeen();
    await eventually('fills after', () => fillsSeen() >= after + 5);

    await device.client.request('bots.stopAll', {});
    await device.quiet();
    const stored = await agreesWithLog(server.databaseUrl, trader.userId, device.client);
    say(`${stored.seq} events, ${fillsSeen()} fills, ${received.fold.resumes} resumes`);
    expect(received.problem).toBeUndefined();
    expect(received.isComplete(stored.seq)).toBe(true);
    expect(received.fold.hash).toBe(stored.hash);
  });

  it('[E2E-12] the last event lost on the way through Redis is noticed by heads', async () => {
    const { link, server, trader, received, device } = await started();
    const { accountId } = await device.firstAccount();
    const marker = randomUUID().slice(0, 30);
    let lost = 0;
    link.passes = (piece) => {
      const isMarked = piece.includes(marker);
      if (isMarked) lost += 1;
      return !isMarked;
    };
    const sentAt = performance.now();
    const { seq } = await device.client.request('accounts.update', { accountId, name: marker });
    await device.until('the lost event', ({ accounts }) => accounts[accountId]?.name === marker);
    // No later one has told of it.
    expect(device.client.position?.seq).toBe(seq);
    say(`the lost event was here after ${Math.round(performance.now() - sentAt)} ms`);
    expect(lost).toBe(1);
    const stored = await agreesWithLog(server.databaseUrl, trader.userId, device.client);
    expect(received.problem).toBeUndefined();
    expect(received.isComplete(stored.seq)).toBe(true);
  });

  it('[MET-4] a device revoked while Redis is away is out at once; /readyz says that the bus is away', async () => {
    const { redis, server, trader, device } = await started();
    const checks = async () => (await (await fetch(`${server.url}/readyz`)).json()) as { checks: object };
    expect(await checks()).toMatchObject({ ready: true, checks: { bus: true } });
    const stolen = await trader.device('phone');
    await redis.kill();
    await eventually('/readyz says so', async () => JSON.stringify(await checks()).includes('"bus":false'));
    const revokedAt = performance.now();
    await device.client.request('devices.revoke', { deviceId: stolen.deviceId });
    // Long before its token ends by itself.
    await eventually('the stolen device is out', () => stolen.client.status.state === 'logged_out');
    say(`out ${Math.round(performance.now() - revokedAt)} ms after it was revoked`);
  });
});
