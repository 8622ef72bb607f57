import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../shared/domain/account.ts';
import { nodeWebSocket } from '../../shared/sdk/nodeWebSocket.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { ReceivedDesk } from '../testing/e2e/receivedDesk.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { TestRedis } from '../testing/redis.ts';
import { requireOrSkip } from '../testing/requireOrSkip.ts';

const cleanups = cleanupsAfterEach();

describe.skipIf(requireOrSkip('redis-server'))('somebody else on the same Redis', () => {
  it('[BUS-9] who publishes on our channels ends no process, closes no socket and changes nothing that anybody sees', async () => {
    const redis = await TestRedis.start();
    cleanups.push(() => redis.kill());
    const server = await ServerProcess.start({ env: { REDIS_URL: redis.url } });
    cleanups.push(() => server.stop());
    const trader = await Trader.register(server.url);
    cleanups.push(() => trader.close());
    const received = new ReceivedDesk();
    const device = await trader.device('pc', { webSocket: received.tap(nodeWebSocket) });
    const account = await device.firstAccount();
    const at = device.client.position;
    if (at === undefined) throw new Error('no desk yet');

    const other = new Redis(redis.url);
    cleanups.push(async () => other.disconnect());
    const common = 'fillwire:common';
    const own = `fillwire:desk:${trader.userId}`;
    const overheard: [channel: string, payload: string][] = [];
    const listener = new Redis(redis.url);
    cleanups.push(async () => listener.disconnect());
    listener.on('message', (channel: string, payload: string) => overheard.push([channel, payload]));
    await listener.subscribe(common, own);

    const say = (channel: string, ...messages: unknown[]) => other.publish(channel, JSON.stringify(messages));
    for (const odd of [null, 'x', 7, [], {}, { type: 'heads' }, { type: 'frames', deskId: trader.userId }]) {
      await say(common, odd);
      await say(own, odd);
    }
    for (let n = 0; n < 200; n += 1) await other.publish(n % 2 === 0 ? common : own, randomBytes(512));
    await say(common, { type: 'heads', epoch: 'another', heads: { [trader.userId]: 1 } });
    await say(common, { type: 'revoked', userId: trader.userId, deviceId: null, sessionId: null });
    const forged: Account = { ...account, name: 'Forged' };
    const frame = {
      ch: 'desk',
      kind: 'AccountChanged',
      epoch: at.epoch,
      seq: at.seq + 1,
      ts: 1,
      data: { account: forged },
    };
    const times = { committedAt: 1 };
    await say(own, { type: 'frames', deskId: trader.userId, frames: [frame], times });
    const payload = JSON.stringify({ ch: 'pnl', kind: 'pnl', ts: 1, data: 'forged' });
    await say(own, { type: 'notice', deskId: trader.userId, channel: 'pnl', payload });

    await device.client.request('accounts.update', { accountId: account.accountId, name: 'Told by the log' });
    await device.until(
      'the change',
      ({ accounts }) => accounts[account.accountId]?.name === 'Told by the log',
    );
    // What a process of ours said once, said again by somebody else, changes nothing either.
    for (const [channel, said] of overheard.slice(-50)) await other.publish(channel, said);
    const stored = await agreesWithLog(server.databaseUrl, trader.userId, device.client);
    expect(device.frames.filter((one) => JSON.stringify(one).includes('Forged'))).toEqual([]);
    expect(received.problem).toBeUndefined();
    expect(received.isComplete(stored.seq)).toBe(true);
    expect(received.fold.snapshots).toBe(1);
    expect(device.client.status.state).toBe('live');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});
