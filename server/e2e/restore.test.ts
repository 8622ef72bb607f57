import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeWebSocket } from '../../shared/sdk/nodeWebSocket.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { Program } from '../testing/e2e/program.ts';
import { ReceivedDesk } from '../testing/e2e/receivedDesk.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog, readStoredDesk } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

const cleanups = cleanupsAfterEach();

it('[E2E-14] restored from a backup, a desk has another epoch, starts latched, knows what the venue did since, and devices take a snapshot', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fw-backup-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const venue = await VenueProcess.start({});
  cleanups.push(() => venue.stop());
  const server = await ServerProcess.start({ env: venue.env });
  cleanups.push(() => server.stop());
  const tool = async (name: string, ...args: string[]): Promise<void> => {
    const program = await Program.start(name, server.env, ['--file', join(folder, 'backup'), ...args]);
    await program.ended();
    expect([program.exitCode, program.lines.slice(-5)]).toEqual([0, expect.anything()]);
  };
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const received = new ReceivedDesk();
  const device = await trader.device('pc', { webSocket: received.tap(nodeWebSocket) });
  const { accountId } = await device.firstAccount();
  const buy = { accountId, symbol: 'BTCUSDT', side: 'buy', type: 'market', size: '0.01' } as const;
  const holds = (size: string) =>
    device.until(`it holds ${size}`, ({ positions }) =>
      Object.values(positions).some((one) => one.size === size),
    );

  await device.submit(buy);
  await holds('0.01');
  await tool('backup');
  await device.submit(buy);
  await holds('0.02');
  const before = await readStoredDesk(server.databaseUrl, trader.userId);
  await server.program.kill('SIGTERM');
  await tool('restore', '--replace');
  const { snapshots } = received.fold;
  await server.start();
  await device.live();

  await device.until('the latch', ({ accounts }) => accounts[accountId]?.latch?.reason === 'restored');
  expect(received.fold.snapshots).toBe(snapshots + 1);
  expect(device.client.position?.epoch).not.toBe(before.epoch);
  await expect(device.client.request('orders.submit', buy)).rejects.toMatchObject({ code: 'denied' });
  await holds('0.02');
  await device.client.request('positions.close', { accountId, symbol: 'BTCUSDT' });
  await device.until('nothing is open', ({ positions }) => Object.keys(positions).length === 0);
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, device.client);
  expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
  expect(received.problem).toBeUndefined();

  await device.client.request('accounts.resolveForeign', { accountId });
  await device.client.request('emergency.release', {});
  await device.until(
    'it trades again',
    ({ accounts }) => accounts[accountId]?.latch === null && accounts[accountId]?.foreign === null,
  );
  await device.submit(buy);
  await holds('0.01');
});
