import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { HOLDS } from '../testing/e2e/holds.ts';
import { startLinkedServer } from '../testing/e2e/linkedServer.ts';
import { Program } from '../testing/e2e/program.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog, type StoredDesk } from '../testing/e2e/storedDesk.ts';
import { storedVenue } from '../testing/e2e/storedVenue.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import type { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { waitFor } from '../testing/patience.ts';

const cleanups = cleanupsAfterEach();

async function started() {
  const linked = await startLinkedServer(cleanups, { SIM_SPEED: '60' });
  const [trader, other] = [
    await Trader.register(linked.server.url),
    await Trader.register(linked.server.url),
  ];
  cleanups.push(() => {
    trader.close();
    other.close();
  });
  return { ...linked, trader, other };
}

/** A bot's position with its stop, one by hand, and an entry that rests. */
async function exposed(device: Device): Promise<{ accountId: string; botId: string }> {
  const account = await device.firstAccount();
  const { accountId } = account;
  const botId = await device.createBot(account, 'BTCUSDT', { params: HOLDS });
  await device.client.request('bots.start', { botId });
  const byHand = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'market', size: '5' } as const;
  await device.submit(byHand);
  const price = await device.priceAt('XRPUSDT', '-4');
  await device.submit({
    ...byHand,
    symbol: 'XRPUSDT',
    size: '100',
    type: 'limit',
    price,
  });
  await device.until('everything is open and the stop rests', ({ positions, orders }) => {
    const held = Object.values(positions);
    const isProtected = held.some((one) => one.botId === botId && one.stop?.state === 'resting');
    const entry = Object.values(orders).some((one) => one.symbol === 'XRPUSDT' && one.status === 'open');
    return isProtected && held.some((one) => one.symbol === 'SOLUSDT') && entry;
  });
  return { accountId, botId };
}

async function panic(
  server: ServerProcess,
  ...args: string[]
): Promise<{ code: number | null; said: string }> {
  const program = await Program.start('panic', server.env, args);
  await program.ended();
  return { code: program.exitCode, said: program.lines.join('\n') };
}

const openAt = async (venue: VenueProcess, accountId: string) => {
  const { positions, orders } = await venue.venue.readAccount({ accountId });
  return [...positions.map(({ symbol }) => symbol), ...orders.map(({ symbol }) => symbol)];
};

/** What every device sees once the server has taken a panic in. */
async function seesPanic(device: Device, accountId: string, botId: string): Promise<void> {
  await device.until(
    'the account is latched and ready',
    ({ accounts }) => accounts[accountId]?.latch !== null && accounts[accountId]?.status === 'ready',
  );
  await device.until('nothing is open', ({ positions, orders }) => {
    return Object.keys(positions).length === 0 && Object.keys(orders).length === 0;
  });
  await waitFor(() => {
    expect(device.view.accounts[accountId]).toMatchObject({
      foreign: null,
      latch: { reason: 'panic' },
    });
    expect(device.bot(botId)).toMatchObject({ state: 'halted', reason: { code: 'panic' } });
    expect(Object.values(device.view.alerts)).toContainEqual(
      expect.objectContaining({ code: 'panic', severity: 'critical', accountId }),
    );
    expect(device.view.trades.filter(({ exit }) => exit === 'panic').length).toBeGreaterThan(0);
  });
}

/** How often the log says that a panic was found. */
const panicsIn = ({ events }: StoredDesk): number =>
  events.filter(({ kind, data }) => kind === 'AlertRaised' && data.alert.code === 'panic').length;

it('[E2E-30] [R10] [D12] [INV-9] with the server dead, npm run panic closes one account at the venue; the next start knows what it did, once', async () => {
  const { venue, database, server, trader, other } = await started();
  const [pc, phone] = [await trader.device('pc'), await trader.device('phone')];
  const mine = await exposed(pc);
  const theirs = await exposed(await other.device('pc'));
  await eventually('the accounts are written down', () =>
    readFileSync(join(String(server.env.FILLWIRE_DATA_DIR), 'accounts.json'), 'utf8').includes(
      theirs.accountId,
    ),
  );

  const list = await panic(server);
  expect(list).toMatchObject({ code: 2, said: expect.stringContaining(mine.accountId) });
  const beside = await panic(server, '--account', mine.accountId, '--yes');
  expect(beside).toMatchObject({ code: 2, said: expect.stringContaining('A server lives') });
  const look = await panic(server, '--account', mine.accountId, '--dry-run');
  expect(look).toMatchObject({ code: 1, said: expect.stringContaining('SOLUSDT') });
  expect(await openAt(venue, mine.accountId)).toContain('SOLUSDT');

  await server.kill();
  const unasked = await panic(server, '--account', mine.accountId);
  expect(unasked).toMatchObject({ code: 2, said: expect.stringContaining('--yes') });
  const done = await panic(server, '--account', mine.accountId, '--yes');
  expect(done).toMatchObject({ code: 0, said: expect.stringContaining('FLAT: the venue says') });
  const found = [...done.said.matchAll(/^ {2}(?:long|short) [\d.]+ (\w+)$/gm)].map(([, symbol]) => symbol);
  expect(found.toSorted()).toEqual(['BTCUSDT', 'SOLUSDT']);
  for (const symbol of found) expect(done.said).toMatch(new RegExp(`closed [\\d.]+ ${symbol} at`));
  expect(await openAt(venue, mine.accountId)).toEqual([]);
  expect(await openAt(venue, theirs.accountId)).toContain('SOLUSDT');
  const again = await panic(server, '--account', mine.accountId, '--yes');
  expect(again).toMatchObject({ code: 0, said: expect.stringContaining('nothing is open') });

  await server.start();
  for (const device of [pc, phone]) {
    await device.live();
    await seesPanic(device, mine.accountId, mine.botId);
  }
  const folder = join(String(server.env.FILLWIRE_DATA_DIR), 'panic');
  await eventually('both journals are marked as read', () => {
    return readdirSync(folder).filter((file) => file.endsWith('.consumed')).length === 2;
  });
  const stored = await agreesWithLog(database.url, trader.userId, pc.client);
  expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
  const taken = panicsIn(stored);

  await server.restart('SIGTERM');
  await pc.live();
  await seesPanic(pc, mine.accountId, mine.botId);
  const later = await agreesWithLog(database.url, trader.userId, pc.client);
  expect(panicsIn(later)).toBe(taken);

  // Released, it trades again; nothing of the panic comes back with the next start.
  await pc.client.request('emergency.release', { accountId: mine.accountId });
  await pc.until('released', ({ accounts }) => accounts[mine.accountId]?.latch === null);
  await server.restart('SIGTERM');
  await pc.live();
  await pc.until('ready', ({ accounts }) => accounts[mine.accountId]?.status === 'ready');
  expect(pc.view.accounts[mine.accountId]?.latch).toBeNull();
});

it('[E2E-31] [R10] [D5] [INV-1] with the database dead, the server refuses and names npm run panic, which closes; once it is back the server takes it in', async () => {
  const { venue, database, link, server, trader } = await started();
  const [pc, phone] = [await trader.device('pc'), await trader.device('phone')];
  const { accountId, botId } = await exposed(pc);
  link.refuse();
  for (const device of [pc, phone]) {
    await eventually('each device is told', () => device.client.status.degraded !== null);
  }
  for (const op of ['emergency.stop', 'bots.stop'] as const) {
    const args = op === 'bots.stop' ? { botId } : { accountId };
    await expect(pc.client.request(op, args)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      details: { committed: false, panic: expect.stringContaining('npm run panic -- --account') },
    });
  }
  expect(await openAt(venue, accountId)).toContain('SOLUSDT');

  const done = await panic(server, '--account', accountId, '--yes');
  expect(done).toMatchObject({ code: 0, said: expect.stringContaining('going on without it') });
  expect(await openAt(venue, accountId)).toEqual([]);

  await link.restore();
  for (const device of [pc, phone]) {
    await eventually('each device is told that it is over', () => device.client.status.degraded === null);
    await device.live();
    await seesPanic(device, accountId, botId);
  }
  const stored = await agreesWithLog(database.url, trader.userId, pc.client);
  expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
});

it('[E2E-36] [R10] [D12] where the simulated venue lives in the server, npm run panic opens its books itself; a second server knows the rest', async () => {
  const server = await ServerProcess.start({ database: 'embedded', env: { SIM_SPEED: '60' } });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc');
  const { accountId, botId } = await exposed(pc);
  await server.kill();
  const done = await panic(server, '--account', accountId, '--yes');
  expect(done).toMatchObject({ code: 0, said: expect.stringContaining('closed 5 SOLUSDT at') });
  await server.start();
  await pc.live();
  await seesPanic(pc, accountId, botId);
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, pc.client);
  expect(await compareWithVenue(stored, trader.userId, storedVenue(server.databaseUrl))).toEqual([]);
});

it('[E2E-36] where those books are in a database that is away, it says so and claims nothing', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fw-panic-'));
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const env = {
    DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:9/none',
    FILLWIRE_DATA_DIR: dataDir,
  };
  const program = await Program.start('panic', env, ['--venue-account', 'a', '--yes']);
  await program.ended();
  expect(program.exitCode).toBe(1);
  expect(program.lines.join('\n')).toContain('lives inside the server');
  expect(program.lines.join('\n')).not.toContain('FLAT:');
});
