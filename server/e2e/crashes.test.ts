import { expect, it } from 'vitest';
import { nodeWebSocket } from '../../shared/sdk/nodeWebSocket.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { ReceivedDesk } from '../testing/e2e/receivedDesk.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { storedVenue } from '../testing/e2e/storedVenue.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { inLongForm } from '../testing/longForm.ts';

const CRASHES = inLongForm(4, 2);
const cleanups = cleanupsAfterEach();

/** The product in its default form, venue and database within it, crashes in the middle of trading, again and again. */
async function tradeThroughCrashes(crash: (server: ServerProcess) => Promise<void>): Promise<void> {
  // However long it is away, bots go on.
  const env = { SIM_SPEED: '120', RESUME_WITHIN_MS: '600000' };
  const server = await ServerProcess.start({ database: 'embedded', env });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const received = new ReceivedDesk();
  const device = await trader.device('pc', { webSocket: received.tap(nodeWebSocket) });
  for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']) {
    const botId = await device.createBot(await device.openAccount(symbol), symbol);
    await device.client.request('bots.start', { botId });
  }
  for (let n = 0; n < CRASHES; n += 1) {
    const from = device.frames.length;
    const filled = (): boolean => device.frames.slice(from).some(({ kind }) => kind === 'FillRecorded');
    await eventually(`a fill before crash ${n + 1}`, filled);
    await crash(server);
  }
  const from = device.frames.length;
  await eventually('it trades on', () =>
    device.frames.slice(from).some(({ kind }) => kind === 'FillRecorded'),
  );
  // The last fill may have been stored before the crash, and the database be on its way back still.
  await device.insist('bots.stopAll', {});
  await device.quiet();
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, device.client);
  expect(received.problem).toBeUndefined();
  expect(received.isComplete(stored.seq)).toBe(true);
  const fills = stored.events.filter(({ kind }) => kind === 'FillRecorded').length;
  say(`${CRASHES} crashes, ${stored.seq} events, ${fills} fills`);
  expect(await compareWithVenue(stored, trader.userId, storedVenue(server.databaseUrl))).toEqual([]);
}

it('[E2E-15] killed with the venue inside it, it goes on from what both had stored, and their books agree', async () => {
  await tradeThroughCrashes((server) => server.restart('SIGKILL'));
});

it('[E2E-16] a database that crashes in the middle of trading is brought back, and nothing is lost or told twice', async () => {
  await tradeThroughCrashes((server) => server.killDatabase());
});
