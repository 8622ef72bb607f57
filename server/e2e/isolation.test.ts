import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpArgsInput, OpName } from '../../shared/protocol/ops.ts';
import { ops } from '../../shared/protocol/ops.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { readStoredDesk } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { WireClient } from '../testing/wireClient.ts';

let server: ServerProcess;
const people: Person[] = [];

interface Person {
  trader: Trader;
  device: Device;
  wire: WireClient;
  deviceId: string;
  accountId: string;
  botId: string;
  orderId: string;
}

beforeAll(async () => {
  server = await ServerProcess.start({ env: { SIM_SPEED: '120' } });
  people.push(await arrive(), await arrive());
});
afterAll(async () => {
  for (const { trader, wire } of people) {
    trader.close();
    wire.ws.terminate();
  }
  await server?.stop();
});

/** A user with a running bot, a working order, and a socket that keeps every byte of every channel there is. */
async function arrive(): Promise<Person> {
  const trader = await Trader.register(server.url);
  const device = await trader.device('pc');
  const { accountId } = await device.firstAccount();
  const botId = await device.createBot(await device.firstAccount(), 'BTCUSDT');
  const price = await device.priceAt('DOGEUSDT', '-4');
  const order = { accountId, symbol: 'DOGEUSDT', side: 'buy', type: 'limit', size: '100', price } as const;
  const placed = await device.submit(order);
  if (placed.status !== 'accepted') throw new Error('a preview');
  const wire = await new WireClient(server.port).opened();
  const deviceId = `wire-${randomUUID()}`;
  await wire.authenticate(await device.auth.current(), deviceId);
  const market = ['ticker:sim.BTCUSDT', 'ticker:sim.ETHUSDT', 'candles:sim.BTCUSDT.1m'];
  const channels = ['desk', 'pnl', 'devices', `log:${botId}`, ...market];
  expect(await wire.request('subscribe', { channels })).toMatchObject({ ok: true });
  await device.client.request('bots.start', { botId });
  return { trader, device, wire, deviceId, accountId, botId, orderId: placed.orderId };
}

/** Every id that is somebody's own, as it would stand in a frame. */
async function traces({ trader, device, deviceId }: Person): Promise<string[]> {
  const { events, view } = await readStoredDesk(server.databaseUrl, trader.userId);
  const { devices } = await device.client.request('devices.list', {});
  const found = new Set([trader.userId, trader.email, deviceId, ...devices.map((one) => one.deviceId)]);
  for (const id of [...Object.keys(view.accounts), ...Object.keys(view.bots)]) found.add(id);
  for (const { kind, data } of events) {
    if ('order' in data)
      for (const id of [data.order.orderId, data.order.venueOrderId]) if (id !== null) found.add(id);
    if (kind === 'FillRecorded') found.add(data.fill.fillId);
    if (kind === 'PositionChanged' && data.trade !== null) found.add(data.trade.tradeId);
  }
  return [...found];
}

it('[E2E-9] two users on every channel: nothing either receives holds an id of the other', async () => {
  const [one, two] = people;
  if (one === undefined || two === undefined) throw new Error('nobody came');
  for (const { device, wire, botId } of [one, two]) {
    await eventually('both bots have traded', () => (device.bot(botId).stats.trades ?? 0) > 0);
    for (const channel of [
      'desk',
      'pnl',
      'devices',
      `log:${botId}`,
      'ticker:sim.BTCUSDT',
      'candles:sim.BTCUSDT.1m',
    ])
      await wire.until(() => wire.of(channel).length > 0);
    for (const op of READS) expect(await wire.request(op, {} as never)).toMatchObject({ ok: true });
  }
  for (const [who, other] of [
    [one, two],
    [two, one],
  ] as const) {
    const text = who.wire.received.join('\n');
    const own = await traces(who);
    const others = await traces(other);
    // The search finds what is there: most of one's own is.
    expect(own.filter((id) => text.includes(`"${id}"`)).length).toBeGreaterThan(own.length / 2);
    expect(
      others.filter((id) => text.includes(`"${id}"`) || (id.includes('@') && text.includes(id))),
    ).toEqual([]);
    say(`${who.wire.received.length} messages, ${text.length} bytes, none of ${others.length} foreign ids`);
  }
});

const READS = [
  'accounts.list',
  'bots.list',
  'orders.list',
  'positions.list',
  'limits.get',
  'devices.list',
  'emergency.list',
  'history.orders',
  'history.fills',
  'history.trades',
  'history.equity',
  'history.bills',
] as const satisfies OpName[];

type Foreign = { [O in OpName]?: (them: Person, me: Person) => OpArgsInput<O> };

/** Each op that takes somebody's id, with the other's. */
const FOREIGN: Foreign = {
  'accounts.update': ({ accountId }) => ({ accountId, name: 'mine now' }),
  'accounts.test': ({ accountId }) => ({ accountId }),
  'accounts.reset': ({ accountId }) => ({ accountId }),
  'accounts.remove': ({ accountId }) => ({ accountId }),
  'accounts.setKeys': ({ accountId }) => ({ accountId, apiKey: 'mine', secret: 'now', passphrase: 'yes' }),
  'accounts.removeKeys': ({ accountId }) => ({ accountId }),
  'accounts.resolveForeign': ({ accountId }) => ({ accountId }),
  'account.get': ({ accountId }) => ({ accountId }),
  'limits.set': ({ accountId }) => ({ accountId, values: { maxPositions: 1 } }),
  'bots.create': ({ accountId }) => ({
    name: 'spy',
    accountId,
    symbol: 'BTCUSDT',
    interval: '1m',
    strategy: 'aggressive',
    allocationPct: '1',
  }),
  'bots.update': ({ botId }) => ({ botId, name: 'mine now' }),
  'bots.clone': ({ botId }) => ({ botId, name: 'copy' }),
  'bots.delete': ({ botId }) => ({ botId }),
  'bots.start': ({ botId }) => ({ botId }),
  'bots.pause': ({ botId }) => ({ botId }),
  'bots.resume': ({ botId }) => ({ botId }),
  'bots.stop': ({ botId }) => ({ botId }),
  'orders.submit': ({ accountId }) => ({
    accountId,
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'market',
    size: '0.01',
  }),
  'orders.amend': ({ orderId }) => ({ orderId, size: '50' }),
  'orders.cancel': ({ orderId }) => ({ orderId }),
  'positions.close': ({ accountId }) => ({ accountId, symbol: 'BTCUSDT' }),
  'positions.reduce': ({ accountId }) => ({ accountId, symbol: 'BTCUSDT', size: '0.001' }),
  'alerts.dismiss': ({ accountId }) => ({ alertId: `account:${accountId}` }),
  'positions.setStop': ({ accountId }) => ({ accountId, symbol: 'BTCUSDT', triggerPrice: '1' }),
  'positions.setTakeProfit': ({ accountId }) => ({ accountId, symbol: 'BTCUSDT', price: '1' }),
  'emergency.stop': ({ accountId }) => ({ accountId }),
  'devices.revoke': ({ deviceId }) => ({ deviceId }),
};

const PAGES = [
  'history.orders',
  'history.fills',
  'history.trades',
  'history.equity',
  'history.bills',
] as const;

it('[E2E-10] an op with another user’s id is refused, or answers with nothing, and moves nothing of theirs', async () => {
  const [me, them] = people;
  if (me === undefined || them === undefined) throw new Error('nobody came');
  const { wire } = me;
  for (const [name, argsOf] of Object.entries(FOREIGN)) {
    const op = name as OpName;
    const opClass = ops[op].class;
    const fields = {
      ...(opClass === 'read' ? {} : { commandId: randomUUID() }),
      ...(opClass === 'exposure' ? { validUntil: Date.now() + 60_000 } : {}),
    };
    const reply = await wire.request(op, argsOf(them, me) as never, fields);
    const code = reply.ok ? 'ok' : reply.error.code;
    expect([op, code]).toEqual([op, expect.stringMatching(/^(not_found|forbidden)$/)]);
  }
  for (const op of PAGES) {
    for (const filter of [{ accountId: them.accountId }, { botId: them.botId }]) {
      const reply = await wire.request(op, filter);
      if (reply.ok) expect(reply.result.items).toEqual([]);
      else expect(reply.error.code).toMatch(/^(not_found|bad_request)$/);
    }
  }
  for (const op of ['orders.list', 'positions.list', 'limits.get'] as const) {
    const reply = await wire.request(op, { accountId: them.accountId });
    const rows = reply.ok ? Object.values(reply.result).flat() : [];
    expect([op, rows]).toEqual([op, []]);
  }
  for (const op of ['bots.startAll', 'bots.stopAll', 'emergency.release'] as const) {
    const more = op === 'bots.startAll' ? { validUntil: Date.now() + 60_000 } : {};
    await wire.request(op, { accountId: them.accountId }, { commandId: randomUUID(), ...more });
  }
  const log = await wire.request('subscribe', { channels: [`log:${them.botId}`] });
  expect(log).toMatchObject({ ok: false, error: { code: 'not_found' } });

  const { events } = await readStoredDesk(server.databaseUrl, them.trader.userId);
  expect(events.filter(({ by }) => by.userId !== null && by.userId !== them.trader.userId)).toEqual([]);
  expect(them.device.bot(them.botId).state).toBe('running');
  // It may have been filled since: the market goes on.
  const told = events.flatMap(({ data }) =>
    'order' in data && data.order.orderId === them.orderId ? data.order : [],
  );
  expect(told.filter(({ cancelRequested, size }) => cancelRequested || size !== '100')).toEqual([]);
  expect(told.length).toBeGreaterThan(0);
  expect(
    (await them.device.client.request('devices.list', {})).devices.map(({ deviceId }) => deviceId),
  ).toContain(them.deviceId);
});
