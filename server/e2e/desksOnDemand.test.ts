import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { readinessSchema } from '../../shared/protocol/health.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog, withSql } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

const cleanups = cleanupsAfterEach();
const SYMBOL = 'BTCUSDT';

/** Two people with an account each, and nobody connected. The first one is the administrator. */
async function started() {
  const venue = await VenueProcess.start({ SIM_SPEED: '60' });
  cleanups.push(() => venue.stop());
  const server = await ServerProcess.start({ env: venue.env });
  cleanups.push(() => server.stop());
  const people = [await Trader.register(server.url), await Trader.register(server.url)];
  const [ada, bob] = await Promise.all(
    people.map(async (trader) => {
      cleanups.push(() => trader.close());
      const { accountId } = await (await trader.device('pc')).firstAccount();
      return { trader, accountId };
    }),
  );
  if (ada === undefined || bob === undefined) throw new Error('nobody came');
  return { venue, server, ada, bob };
}

const buy = (device: Device, accountId: string) =>
  device.submit({ accountId, symbol: SYMBOL, side: 'buy', type: 'market', size: '0.01' });

const held = (device: Device, accountId: string) =>
  device.until('a position', ({ positions }) =>
    Object.values(positions).find((position) => position.accountId === accountId),
  );

const inMemory = async (server: ServerProcess): Promise<number> =>
  readinessSchema.parse(await (await fetch(`${server.url}/readyz`)).json()).awake_desks;

/** What the next start would bring back. */
const awake = (server: ServerProcess): Promise<string[]> =>
  withSql(
    server.databaseUrl,
    (sql) => sql<{ id: string }[]>`select desk_id as id from desk where awake order by desk_id`,
  ).then((rows) => rows.map(({ id }) => id));

it('[E2E-78] [SLEEP-8] [SLEEP-9] after SIGKILL only who has something open is in memory; a sleeper’s devices find everything, and its first order goes through', async () => {
  const { venue, server, ada, bob } = await started();
  const pc = await bob.trader.device('tablet');
  await buy(pc, bob.accountId);
  await held(pc, bob.accountId);
  for (const { trader } of [ada, bob]) trader.close();
  await eventually(
    'the log says who is awake',
    async () => (await awake(server)).join() === bob.trader.userId,
  );

  await server.restart('SIGKILL');
  expect(await inMemory(server)).toBe(1);
  const phone = await ada.trader.device('phone');
  const placed = await buy(phone, ada.accountId);
  expect(placed).toMatchObject({ status: 'accepted' });
  const second = await ada.trader.device('second');
  for (const device of [phone, second])
    expect(await held(device, ada.accountId)).toMatchObject({ symbol: SYMBOL, size: '0.01' });
  expect(Object.keys(second.view.accounts)).toEqual([ada.accountId]);
  expect(await inMemory(server)).toBe(2);

  // Killed while it is awake: it is brought back, and goes on.
  await eventually('both are awake in the log', async () => (await awake(server)).length === 2);
  await server.restart('SIGKILL');
  expect(await inMemory(server)).toBe(2);
  await phone.live();
  await phone.client.request('positions.close', { accountId: ada.accountId, symbol: SYMBOL });
  for (const device of [phone, second])
    await device.until('flat', ({ positions }) => Object.keys(positions).length === 0);
  for (const { userId } of [ada.trader, bob.trader]) {
    const stored = await agreesWithLog(server.databaseUrl, userId);
    expect(await compareWithVenue(stored, userId, venue.venue)).toEqual([]);
  }
  await eventually('asleep in the log', async () => (await awake(server)).join() === bob.trader.userId);
});

it('[E2E-79] [SLEEP-10] [SLEEP-11] what somebody does at the venue on a sleeper’s account is noticed while nobody is connected', async () => {
  const { venue, server, ada, bob } = await started();
  for (const { trader } of [ada, bob]) trader.close();
  await eventually('all are at rest', async () => (await awake(server)).length === 0);
  await server.restart('SIGKILL');
  await venue.venue.placeOrder({
    ...{ account: { accountId: ada.accountId }, clientOrderId: randomUUID().replaceAll('-', '') },
    ...{ symbol: SYMBOL, side: 'buy', type: 'market', size: dec('0.02'), price: null, timeInForce: 'ioc' },
    ...{ triggerPrice: null, triggerBy: null, reduceOnly: false, attachedStop: null, notAfter: null },
  });
  await eventually('its desk is awake', async () => (await awake(server)).join() === ada.trader.userId);
  expect(await inMemory(server)).toBe(1);
  const phone = await ada.trader.device('phone');
  expect(await held(phone, ada.accountId)).toMatchObject({ foreign: true, size: '0.02' });
  expect(phone.view.accounts[ada.accountId]?.foreign).not.toBeNull();
});

it('[E2E-80] [SLEEP-12] an administrator’s emergency stop reaches who sleeps: he finds his account latched', async () => {
  const { server, ada, bob } = await started();
  for (const { trader } of [ada, bob]) trader.close();
  await eventually('all are at rest', async () => (await awake(server)).length === 0);
  await server.restart('SIGTERM');
  expect(await inMemory(server)).toBe(0);
  const console_ = await ada.trader.device('console');
  const { client } = console_;
  const stopped = await client.request('admin.emergencyStop', { all: true });
  expect(stopped).toMatchObject({ status: 'accepted' });
  const phone = await bob.trader.device('phone');
  await phone.until('latched', ({ accounts }) => accounts[bob.accountId]?.latch?.by === 'admin');
  await expect(buy(phone, bob.accountId)).rejects.toMatchObject({ code: 'denied' });
  // It is proven flat by two readings; until then it is not released.
  await phone.until('the stop is done', ({ emergencies }) =>
    emergencies.some(({ stage }) => stage === 'done'),
  );
  const { users } = await client.request('admin.emergencyRelease', { all: true });
  expect(users.filter(({ error }) => error !== null)).toEqual([]);
  await phone.until('released', ({ accounts }) => accounts[bob.accountId]?.latch === null);
});
