import { expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { startLinkedServer } from '../testing/e2e/linkedServer.ts';
import { say } from '../testing/e2e/say.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';

const cleanups = cleanupsAfterEach();

const MINUTE_MS = 60_000;

async function started() {
  const linked = await startLinkedServer(cleanups, { SIM_SPEED: '120' });
  const trader = await Trader.register(linked.server.url);
  cleanups.push(() => trader.close());
  const [pc, phone] = [await trader.device('pc'), await trader.device('phone')];
  const account = await pc.firstAccount();
  const botId = await pc.createBot(account, 'BTCUSDT');
  await pc.client.request('bots.start', { botId });
  const { accountId } = account;
  return { ...linked, trader, pc, phone, botId, accountId };
}
type World = Awaited<ReturnType<typeof started>>;

const BY_HAND = 'SOLUSDT';

/** Takes the database away while a position rests under its stop alone. Answers how far the venue's fills had come. */
async function goneWhileHolding(world: World, takeAway: () => Promise<void> | void): Promise<number> {
  const { venue, pc, accountId } = world;
  const stopPrice = await pc.priceAt(BY_HAND, '-4');
  const order = { accountId, symbol: BY_HAND, side: 'buy', type: 'market', size: '5' } as const;
  await pc.submit({ ...order, protection: { stopPrice } });
  await pc.until('it rests under its stop', ({ positions }) => {
    return positions[`${accountId}:${BY_HAND}`]?.stop?.state === 'resting';
  });
  await takeAway();
  const held = await venue.venue.readAccount({ accountId });
  expect(held.positions.map(({ symbol }) => symbol)).toContain(BY_HAND);
  // Beyond the stop, with nobody there but the venue.
  await venue.control.movePrice(BY_HAND, dec('0.9'));
  return held.cursors.fills;
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
  // Answered, not left waiting; stop and emergency too, whoever asks.
  const byHand = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'market', size: '1' } as const;
  const asked = [
    pc.client.request('orders.submit', byHand),
    phone.client.request('bots.stop', { botId }),
    phone.client.request('emergency.stop', {}),
    // The first to register is the administrator.
    phone.client.request('admin.emergencyStop', { all: true }),
    pc.client.request('admin.emergencyStop', { userId: trader.userId, preview: true }),
  ];
  await Promise.all(
    asked.map((reply) => expect(reply).rejects.toMatchObject({ code: 'unavailable', retryable: true })),
  );
  // A device that comes back meanwhile is told as well, although it cannot log in.
  phone.client.close();
  phone.client.connect();
  await eventually('told anew', () => degraded(phone) !== null);

  const sent = await venue.clientOrderIds();
  const { marketTime } = await venue.venue.readAccount({ accountId });
  await eventually('the venue’s stop has closed the position', async () => {
    const fills = await venue.venue.fillsSince({ accountId }, cursor);
    return fills.some(({ source, symbol }) => source === 'stop' && symbol === BY_HAND);
  });
  await eventually('a market minute is over', async () => {
    const now = await venue.venue.readAccount({ accountId });
    return now.marketTime - marketTime >= MINUTE_MS;
  });
  const during = await venue.venue.fillsSince({ accountId }, cursor);
  // Stops and resting exits trade; nothing new was sent.
  expect(await venue.clientOrderIds()).toEqual(expect.arrayContaining(sent));
  expect((await venue.clientOrderIds()).length).toBe(sent.length);

  await restore();
  for (const device of [pc, phone]) {
    await eventually('each device is told that it is over', () => degraded(device) === null);
    await device.live();
    await device.until('the trade that the venue’s stop ended', ({ trades }) =>
      trades.some(({ symbol, exit }) => symbol === BY_HAND && exit === 'stop'),
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
  say(`${stored.seq} events, ${during.length} fills while away, unprotected ${unprotectedMs} ms`);
  expect(unprotectedMs).toBe(0);
}

it('[E2E-32] [R10] [R12] [D5] [INV-1] [INV-5] PostgreSQL is gone for a market minute with a position open: the venue’s stop closes it, and afterwards the books are the venue’s', async () => {
  const world = await started();
  const cursor = await goneWhileHolding(world, () => world.link.refuse());
  await livesThrough(world, cursor, () => world.link.restore());
});

it('[E2E-33] [RUN-37] [PG-20] [RUN-40] [R12] [R20] [INV-1] PostgreSQL falls silent without a word: devices are told within seconds, and what was on its way has at most one effect', async () => {
  const world = await started();
  const cursor = await goneWhileHolding(world, () => world.link.silence());
  await livesThrough(world, cursor, () => world.link.restoreElsewhere());
});

it('[E2E-34] [R12] [INV-1] PostgreSQL answers and takes no writes, as on a full disk: the same as if it were gone', async () => {
  const world = await started();
  const cursor = await goneWhileHolding(world, () => world.link.refuseWrites());
  await livesThrough(world, cursor, () => world.link.restore());
});
