import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Account } from '../../shared/domain/account.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { DatabaseLine } from '../testing/e2e/databaseLine.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { MoneyWorld } from '../testing/e2e/moneyWorld.ts';
import { proveMoney } from '../testing/e2e/proveMoney.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { sizeOf } from '../testing/e2e/sizeOf.ts';
import { withSql } from '../testing/e2e/storedDesk.ts';
import type { Device } from '../testing/e2e/trader.ts';
import { testDatabase } from '../testing/postgres.ts';

const cleanups = cleanupsAfterEach();

/** Half of them without, half with a server that takes over. */
const PAUSES = Math.ceil(sizeOf('pauses', 2) / 2);
const SEED = sizeOf('seed', 1);

async function started(seed: number) {
  const database = await testDatabase('empty');
  cleanups.push(() => database.drop());
  const databaseLine = await DatabaseLine.start(database.url);
  cleanups.push(() => databaseLine.stop());
  // What one server signed, the other must accept.
  const secrets = {
    JWT_SECRET: randomBytes(48).toString('base64'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  };
  const world = await MoneyWorld.start(
    { seed, botsEach: 2, handsEach: 0, server: { database: { url: databaseLine.url }, env: secrets } },
    cleanups,
  );
  return { database, databaseLine, world, secrets };
}

type Paused = Awaited<ReturnType<typeof started>>;

/** Bots trade; the first device has an account to trade by hand, which the journal watches. */
async function tradeWithHand(world: MoneyWorld) {
  await world.trade();
  const [desk] = world.desks;
  if (desk === undefined) throw new Error('nobody trades');
  const { device } = desk;
  const account = await device.openAccount('by hand');
  await world.journal.watch(account.accountId);
  await settle(device, account);
  return { device, account };
}

/** Has the venue told of leverage and margin mode, by an order that comes to nothing: entries leave without it from now on. */
async function settle(device: Device, { accountId }: Account) {
  const price = await device.priceAt('SOLUSDT', '-4');
  const order = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'limit', size: '0.5', price } as const;
  await device.submit(order);
  const resting = await device.until('the order rests', ({ orders }) =>
    Object.values(orders).find((other) => other.accountId === accountId && other.status === 'open'),
  );
  const { orderId } = resting;
  await device.client.request('orders.cancel', { orderId });
  await device.until('the order is cancelled', ({ orders }) => orders[orderId] === undefined);
}

/** Stops the server between the commit of an entry by hand and its sending; answers the entry's id. */
async function pauseBeforeSending(
  { database, databaseLine, world }: Paused,
  device: Device,
  account: Account,
) {
  const entries = (): Promise<string[]> =>
    withSql(database.url, async (sql) => {
      const rows = await sql<{ id: string }[]>`
        select body::json->'data'->'order'->>'orderId' as id from event
        where kind = 'OrderSubmitted' and body::json->'data'->'order'->>'purpose' = 'manual'`;
      return rows.map(({ id }) => id);
    });
  const before = new Set(await entries());
  databaseLine.holdNext((text) => text.includes('OrderSubmitted') && text.includes('manual'));
  const size = '0.5';
  void device.client
    .request('orders.submit', {
      accountId: account.accountId,
      symbol: 'SOLUSDT',
      side: 'buy',
      type: 'market',
      size,
      protection: { stopPrice: await device.priceAt('SOLUSDT', '-3') },
    })
    .catch(() => undefined);
  const orderId = await eventually('the entry is committed', async () =>
    (await entries()).find((id) => !before.has(id)),
  );
  expect(databaseLine.holds).toBe(true);
  world.server.program.signal('SIGSTOP');
  const sentBefore = world.line.calls.length;
  databaseLine.release();
  return { orderId, sentBefore };
}

/** Whether an order left any server, and whether the venue has it. */
async function whereIs(world: MoneyWorld, orderId: string) {
  const sent = world.line.calls.some((call) => call.order?.clientOrderId === orderId);
  return { sent, executed: (await world.venue.clientOrderIds()).includes(orderId) };
}

function leaseHasEnded(databaseUrl: string): Promise<boolean> {
  return withSql(databaseUrl, async (sql) => {
    const [row] = await sql<{ ended: boolean }[]>`select expires_at < clock_timestamp() as ended from lease`;
    return row?.ended === true;
  });
}

const given = async (device: Device, orderId: string) =>
  device.until('the entry is given up', ({ closedOrders }) =>
    closedOrders.find((order) => order.orderId === orderId && order.status === 'abandoned'),
  );

const ready = (device: Device, { accountId }: Account) =>
  eventually('the account is ready', () => device.view.accounts[accountId]?.status === 'ready');

it(`[E2E-62] [R19] [N6] [D5] [INV-2] [INV-4] stopped ${PAUSES} times between commit and sending until its lease had ended, and continued: the entry never leaves, and it trades on`, {
  timeout: 600_000 + PAUSES * 120_000,
}, async () => {
  const paused = await started(SEED);
  const { database, world } = paused;
  const { device, account } = await tradeWithHand(world);
  for (let pause = 0; pause < PAUSES; pause += 1) {
    const { orderId } = await pauseBeforeSending(paused, device, account);
    await eventually('the lease has ended', () => leaseHasEnded(database.url));
    world.server.program.signal('SIGCONT');
    await device.live();
    await given(device, orderId);
    expect(await whereIs(world, orderId)).toEqual({ sent: false, executed: false });
    await ready(device, account);
  }
  await world.quiet();
  const figures = await proveMoney(world, database.url);
  say(`${PAUSES} pauses, ${JSON.stringify(figures)}`);
});

it(`[E2E-63] [R19] [N6] [D5] [INV-2] [INV-4] taken over ${PAUSES} times while it was stopped between commit and sending, the former server sends nothing more, can store nothing, and ends`, {
  timeout: 600_000 + PAUSES * 120_000,
}, async () => {
  const paused = await started(SEED + 1_000);
  const { database, databaseLine, world, secrets } = paused;
  const { device, account } = await tradeWithHand(world);
  for (let pause = 0; pause < PAUSES; pause += 1) {
    const { orderId, sentBefore } = await pauseBeforeSending(paused, device, account);
    const former = new Set(world.line.calls.slice(0, sentBefore).map(({ connection }) => connection));
    const heir = await ServerProcess.start({
      database: { url: database.url },
      env: { ...world.venue.env, VENUE_URL: world.line.url, ...secrets },
    });
    cleanups.push(() => heir.stop());
    world.front.targetPort = heir.port;
    const from = world.line.calls.length;
    world.server.program.signal('SIGCONT');
    await world.server.program.ended();
    world.front.cut();
    await device.live();
    await given(device, orderId);
    expect(await whereIs(world, orderId)).toEqual({ sent: false, executed: false });
    const late = world.line.calls
      .slice(from)
      .filter(({ connection, kind }) => former.has(connection) && kind !== null);
    expect(late, '[INV-2] a server without its lease wrote to the venue').toEqual([]);
    // The next pause is the heir’s: it ends, and the first one is started again in its place.
    await heir.kill();
    await world.server.start();
    world.front.targetPort = world.server.port;
    await device.live();
    await ready(device, account);
  }
  expect(databaseLine.holds).toBe(false);
  await world.quiet();
  const figures = await proveMoney(world, database.url);
  say(`${PAUSES} takeovers, ${JSON.stringify(figures)}`);
});
