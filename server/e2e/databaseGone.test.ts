import { afterEach, expect, it } from 'vitest';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { DatabaseLink } from '../testing/e2e/databaseLink.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { testDatabase } from '../testing/postgres.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const PATIENT = { timeout: 180_000 };
const MINUTE_MS = 60_000;

async function started() {
  // A stop this tight is crossed within market minutes.
  const venue = await VenueProcess.start({ SIM_SPEED: '600' });
  cleanups.push(() => venue.stop());
  const database = await testDatabase('empty');
  cleanups.push(() => database.drop());
  const link = await DatabaseLink.start(database.url);
  cleanups.push(() => link.stop());
  const server = await ServerProcess.start({ database: { url: link.url }, env: venue.env });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const [pc, phone] = [await trader.device('pc'), await trader.device('phone')];
  const account = await pc.firstAccount();
  const botId = await pc.createBot(account, 'BTCUSDT', { params: { stopLossPct: 0.1 } });
  await pc.client.request('bots.start', { botId });
  return { venue, database, link, server, trader, pc, phone, botId, accountId: account.accountId };
}
type World = Awaited<ReturnType<typeof started>>;

/** Takes the database away while the bot's position rests under its stop. Answers how far the venue's fills had come. */
async function goneWhileHolding(world: World, takeAway: () => Promise<void> | void): Promise<number> {
  const { venue, link, pc, accountId, botId } = world;
  for (;;) {
    await pc.until('a position under its stop', ({ positions }) =>
      Object.values(positions).some((one) => one.botId === botId && one.stop?.state === 'resting'),
    );
    await takeAway();
    const held = await venue.venue.readAccount({ accountId });
    if (held.positions.length > 0) return held.cursor;
    // The stop was faster.
    await link.restore();
    await eventually('it is over', () => pc.client.status.degraded === null);
  }
}

const degraded = ({ client }: Device) => client.status.degraded;

/** All that must hold while it is away, then that everything goes on by itself. */
async function livesThrough(world: World, cursor: number, restore: () => Promise<void>): Promise<void> {
  const { venue, database, server, trader, pc, phone, botId, accountId } = world;
  for (const device of [pc, phone]) await eventually('each device is told', () => degraded(device) !== null);
  expect(degraded(phone)).toEqual(degraded(pc));
  const readiness = await fetch(`${server.url}/readyz`);
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toMatchObject({ checks: { store: false } });
  expect(await (await fetch(`${server.url}/healthz`)).json()).toMatchObject({ status: 'degraded' });
  // Answered, not left waiting; stop and emergency too.
  const byHand = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'market', size: '1' } as const;
  const asked = [
    pc.client.request('orders.submit', byHand),
    phone.client.request('bots.stop', { botId }),
    phone.client.request('emergency.stop', {}),
  ];
  for (const reply of asked) {
    await expect(reply).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  }
  // A device that comes back meanwhile is told as well, although it cannot log in.
  phone.client.close();
  phone.client.connect();
  await eventually('told anew', () => degraded(phone) !== null);

  const { marketTime } = await venue.venue.readAccount({ accountId });
  await eventually('the venue’s stop has closed the position', async () => {
    const fills = await venue.venue.fillsSince({ accountId }, cursor);
    return fills.some(({ source }) => source === 'stop');
  });
  await eventually('a market minute is over', async () => {
    const now = await venue.venue.readAccount({ accountId });
    return now.marketTime - marketTime >= MINUTE_MS;
  });
  const during = await venue.venue.fillsSince({ accountId }, cursor);
  expect(during.every(({ source }) => source === 'stop')).toBe(true);
  const held = await venue.venue.readAccount({ accountId });
  expect(held.positions).toEqual([]);
  expect(held.orders.filter(({ reduceOnly }) => !reduceOnly)).toEqual([]);

  await restore();
  for (const device of [pc, phone]) {
    await eventually('each device is told that it is over', () => degraded(device) === null);
    await device.live();
    await device.until('the trade that the venue’s stop ended', ({ trades }) =>
      trades.some((trade) => trade.botId === botId && trade.exit === 'stop'),
    );
  }
  const from = pc.frames.length;
  expect(pc.bot(botId).state).toBe('running');
  await eventually('entries go again by themselves', () =>
    pc.frames.slice(from).some((frame) => frame.kind === 'FillRecorded'),
  );
  await pc.client.request('bots.stopAll', {});
  await pc.quiet();
  const stored = await agreesWithLog(database.url, trader.userId, pc.client);
  await agreesWithLog(database.url, trader.userId, phone.client);
  expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
  expect(stored.events.filter(({ kind }) => kind === 'Unprotected')).toEqual([]);
  const unprotectedMs = pc.view.trades.reduce((sum, trade) => sum + (trade.unprotectedMs ?? 0), 0);
  const ids = await venue.clientOrderIds();
  expect(new Set(ids).size).toBe(ids.length);
  const lines = server.program.lines.filter((line) => /"level":"?(warn|error|[45]0)/.test(line));
  say(
    `${stored.seq} events, ${during.length} fills while away, unprotected ${unprotectedMs} ms, ${lines.length} warnings`,
  );
  expect(unprotectedMs).toBe(0);
  expect(lines.length).toBeLessThan(60);
}

it(
  '[E2E-32] [R10] [R12] [D5] [INV-1] [INV-5] PostgreSQL is gone for a market minute with a position open: the venue’s stop closes it, and afterwards the books are the venue’s',
  PATIENT,
  async () => {
    const world = await started();
    const cursor = await goneWhileHolding(world, () => world.link.refuse());
    await livesThrough(world, cursor, () => world.link.restore());
  },
);

it(
  '[E2E-33] [R12] [INV-1] PostgreSQL falls silent without a word: devices are told within seconds, and what was on its way has at most one effect',
  PATIENT,
  async () => {
    const world = await started();
    const cursor = await goneWhileHolding(world, () => world.link.silence());
    await livesThrough(world, cursor, () => world.link.restore({ cut: true }));
  },
);

it(
  '[E2E-34] [R12] [INV-1] PostgreSQL answers and takes no writes, as on a full disk: the same as if it were gone',
  PATIENT,
  async () => {
    const world = await started();
    const cursor = await goneWhileHolding(world, () => world.link.refuseWrites());
    await livesThrough(world, cursor, () => world.link.restore());
  },
);
