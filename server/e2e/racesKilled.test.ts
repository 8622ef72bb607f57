import { randomInt } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { type Attempt, attempt, isAccepted, type Try } from '../testing/e2e/races/attempt.ts';
import { problemsInLog } from '../testing/e2e/races/judge.ts';
import { randomMoment } from '../testing/e2e/randomMoment.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { inLongForm } from '../testing/longForm.ts';

const KILLS = inLongForm(8, 4);
const BOTS = 6;
/** Commands under way at each kill: some not read, some decided, some committed, some answered. */
const AT_ONCE = 30;

let server: ServerProcess;
let trader: Trader;
afterEach(async () => {
  trader?.close();
  await server?.stop();
});

function anyTry(device: Device, botIds: readonly string[], n: number): Try {
  const botId = botIds[randomInt(botIds.length)] ?? '';
  const rename = { op: 'bots.update', action: 'update', args: { botId, name: `name ${n}` } } as const;
  const stop = { op: 'bots.stop', action: 'stop' } as const;
  const clone = { op: 'bots.clone', action: 'create', args: { botId, name: `clone ${n}` } } as const;
  const start = { op: 'bots.start', action: 'start' } as const;
  const chosen = [rename, rename, start, stop, clone][randomInt(5)] ?? rename;
  return { device, botId, ...chosen };
}

it('[E2E-26] [N5] killed in the middle of many commands: the SDK sends what has no answer again, and each has one effect or none, as it was told', async () => {
  server = await ServerProcess.start({ database: 'embedded', env: { MAX_BOTS_PER_USER: '1000' } });
  trader = await Trader.register(server.url);
  const devices = [await trader.device('pc'), await trader.device('phone')] as const;
  const [pc, phone] = devices;
  const account = await pc.firstAccount();
  const botIds: string[] = [];
  for (let n = 0; n < BOTS; n += 1)
    botIds.push(await pc.createBot(account, 'BTCUSDT', { allocationPct: '5' }));

  const made: Attempt[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const answers = Array.from({ length: AT_ONCE }, (_, n) =>
      attempt(anyTry(devices[n % 2 === 0 ? 0 : 1], botIds, kill * AT_ONCE + n)),
    );
    await randomMoment(0, 40);
    await server.restart('SIGKILL');
    made.push(...(await Promise.all(answers)));
  }
  await pc.client.request('bots.stopAll', {});
  await pc.quiet();
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, pc.client, phone.client);
  expect(problemsInLog(stored, made)).toEqual([]);
  const accepted = made.filter(isAccepted).length;
  say(`${KILLS} kills in ${made.length} commands, ${accepted} of them accepted, ${stored.seq} events`);
  expect(accepted).toBeGreaterThan(KILLS);
});
