import { randomUUID } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import type { Account } from '../../shared/domain/account.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { FRAME_KINDS } from '../../shared/protocol/frames.ts';
import { OP_NAMES, type OpArgsInput, type OpName } from '../../shared/protocol/ops.ts';
import { PUSH_NAMES } from '../../shared/protocol/pushes.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { nodeWebSocket } from '../../shared/sdk/nodeWebSocket.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { Exchanges } from '../testing/docs/exchanges.ts';
import { keepExamples } from '../testing/docs/keepExamples.ts';
import { misfits } from '../testing/docs/misfits.ts';
import { DatabaseLink } from '../testing/e2e/databaseLink.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { HOLDS } from '../testing/e2e/holds.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueLine } from '../testing/e2e/venueLine.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { GatewayWorld } from '../testing/gatewayWorld.ts';
import { testDatabase } from '../testing/postgres.ts';
import { byVenueId } from '../testing/venue/refs.ts';
import { WireClient } from '../testing/wireClient.ts';

const cleanups = cleanupsAfterEach();
const seen = new Exchanges();
const webSocket = seen.tap(nodeWebSocket);
afterAll(() => keepExamples(seen));

const SYMBOL = 'SOLUSDT';
const PASSWORD = 'correct horse battery staple';

async function started() {
  const venue = await VenueProcess.start({ SIM_SPEED: '60' });
  cleanups.push(() => venue.stop());
  const line = await VenueLine.start(venue.url);
  cleanups.push(() => line.stop());
  const database = await testDatabase('empty');
  cleanups.push(() => database.drop());
  const link = await DatabaseLink.start(database.url);
  cleanups.push(() => link.stop());
  const env = { ...venue.env, VENUE_URL: line.url };
  const server = await ServerProcess.start({ database: { url: link.url }, env });
  cleanups.push(() => server.stop());
  const admin = await Trader.register(server.url);
  cleanups.push(() => admin.close());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc', { webSocket });
  return { venue, line, link, server, admin, trader, pc, account: await pc.firstAccount() };
}
type World = Awaited<ReturnType<typeof started>>;

function ask<O extends OpName>(device: Device, op: O, args: OpArgsInput<O>) {
  return device.client.request(op, args);
}

/** The code of the refusal; undefined: it was taken. */
async function refused<O extends OpName>(
  device: Device,
  op: O,
  args: OpArgsInput<O>,
  options = {},
): Promise<string | undefined> {
  try {
    await device.client.request(op, args, options);
    return undefined;
  } catch (error) {
    if (error instanceof FillwireError) return error.code;
    throw error;
  }
}

async function routes({ server }: World): Promise<void> {
  const email = `${randomUUID()}@example.com`;
  const device = { id: `doc-${randomUUID()}`, name: 'First client', kind: 'program' };
  const answer = await seen.ask('POST', `${server.url}/auth/register`, { email, password: PASSWORD, device });
  expect(answer.status).toBe(200);
  const login = await seen.ask('POST', `${server.url}/auth/login`, { email, password: PASSWORD, device });
  const { refresh_token } = login.answer as { refresh_token: string };
  const refresh = await seen.ask('POST', `${server.url}/auth/refresh`, { refresh_token });
  const rotated = refresh.answer as { refresh_token: string; access_token: string };
  await channelsOf(server, rotated.access_token);
  await seen.ask('POST', `${server.url}/auth/logout`, { refresh_token: rotated.refresh_token });
  await seen.ask('POST', `${server.url}/auth/login`, { email, password: 'wrong' });
  await seen.ask('GET', `${server.url}/healthz`);
  await seen.ask('GET', `${server.url}/readyz`);
}

/** The ops of a connection, by a bare socket; then what is refused there. */
async function channelsOf(server: ServerProcess, token: string): Promise<void> {
  const client = new WireClient(server.port);
  seen.listen(client.ws);
  await client.opened();
  await client.request('orders.list', {});
  await client.authenticate(token, `doc-${randomUUID()}`);
  await client.request('ping', {});
  const channels = [
    'desk',
    'pnl',
    'devices',
    'markets:sim',
    `ticker:sim.${SYMBOL}`,
    `candles:sim.${SYMBOL}.1m`,
  ];
  const joined = await client.request('subscribe', { channels });
  if (!joined.ok) throw new Error(joined.error.message);
  const { at } = joined.result.desk as { at: { epoch: string; seq: number } };
  await client.request('ack', { seq: at.seq });
  await client.request('subscribe', { channels: ['desk'], since: at });
  await client.until(() => client.of('desk').some(({ kind }) => kind === 'head'));
  await client.until(() => client.of(`candles:sim.${SYMBOL}.1m`).some(({ kind }) => kind === 'candle'));
  await client.until(() => ['pnl', 'devices', 'markets:sim'].every((name) => client.of(name).length > 0));
  await client.request('unsubscribe', { channels: ['pnl'] });
  await client.request('session.refresh', { token });
  await refusals(client, joined.result.desk as { snapshot: { accounts: object } });
  client.raw('{"id":"90","op":"orders.submit","args":{"accountId":"a","symbol":"BTCUSDT","side":"up"}}');
  await client.reply('90');
  client.raw(JSON.stringify({ id: '91', op: 'ping', args: {}, padding: 'x'.repeat(70_000) }));
  await client.until(() => client.received.some((text) => text.includes('too_large')));
  client.ws.close();
  const stranger = new WireClient(server.port);
  seen.listen(stranger.ws);
  await stranger.opened();
  await stranger.authenticate('not-a-token');
  await stranger.closed();
}

async function refusals(client: WireClient, desk: { snapshot: { accounts: object } }): Promise<void> {
  const [accountId = ''] = Object.keys(desk.snapshot.accounts);
  const order = { accountId, symbol: SYMBOL, side: 'buy', type: 'market', size: '1' } as const;
  await client.request('orders.submit', order, { commandId: `doc-${randomUUID()}`, validUntil: 1 });
  const commandId = `doc-${randomUUID()}`;
  await client.request('accounts.update', { accountId, name: 'Main' }, { commandId });
  await client.request('accounts.update', { accountId, name: 'Other' }, { commandId });
  const pings = Array.from({ length: 120 }, () => client.request('ping', {}));
  await Promise.all(pings);
}

async function reads({ pc, account: { accountId } }: World): Promise<void> {
  await ask(pc, 'venues.list', {});
  await ask(pc, 'market.instruments', { venue: 'sim' });
  await ask(pc, 'market.candles', { venue: 'sim', symbol: SYMBOL, interval: '1m', limit: 2 });
  await ask(pc, 'strategies.list', {});
  await ask(pc, 'accounts.list', {});
  await ask(pc, 'accounts.test', { accountId });
  await ask(pc, 'account.get', { accountId });
  await ask(pc, 'limits.get', { accountId });
  await ask(pc, 'devices.list', {});
}

async function accounts({ pc }: World): Promise<void> {
  const second = await pc.openAccount('Second', '500');
  const { accountId } = second;
  await ask(pc, 'accounts.update', { accountId, name: 'Spare', leverage: 2 });
  expect(await refused(pc, 'accounts.update', { accountId, leverage: 3 }, { expectedVersion: 77 })).toBe(
    'version_conflict',
  );
  await ask(pc, 'limits.set', { accountId, values: { maxOrderNotional: '1000' } });
  await ask(pc, 'accounts.reset', { accountId });
  await ask(pc, 'accounts.remove', { accountId });
  expect(await refused(pc, 'account.get', { accountId: 'nobody' })).toBe('not_found');
}

async function bots({ pc, account }: World): Promise<void> {
  const botId = await pc.createBot(account, 'BTCUSDT', { params: HOLDS });
  await ask(pc, 'bots.update', { botId, name: 'Breakout' });
  const { botId: copyId } = await ask(pc, 'bots.clone', { botId, name: 'Breakout copy' });
  await ask(pc, 'bots.delete', { botId: copyId });
  await ask(pc, 'bots.list', {});
  const lines: string[] = [];
  const stop = pc.client.subscribe(`log:${botId}`, ({ kind }) => void lines.push(kind));
  await ask(pc, 'bots.start', { botId });
  await pc.until('the bot runs', ({ bots }) => bots[botId]?.state === 'running');
  await eventually('a line of its log', () => lines.includes('history') && lines.includes('line'));
  stop();
  await eventually('a note', () => pc.frames.some(({ kind }) => kind === 'BotNote'));
  await ask(pc, 'bots.pause', { botId });
  await pc.until('the bot pauses', ({ bots }) => bots[botId]?.state === 'paused');
  await ask(pc, 'bots.resume', { botId });
  await ask(pc, 'bots.stop', { botId });
  await pc.until('the bot has stopped', ({ bots }) => bots[botId]?.state === 'stopped');
  await ask(pc, 'bots.startAll', {});
  await ask(pc, 'bots.stopAll', {});
  await pc.quiet();
  await ask(pc, 'bots.delete', { botId });
}

const held = (pc: Device) => Object.values(pc.view.positions).find(({ symbol }) => symbol === SYMBOL);

async function flat(pc: Device): Promise<void> {
  await pc.until(
    `nothing of ${SYMBOL} is open`,
    ({ orders }) => held(pc) === undefined && Object.values(orders).every(({ symbol }) => symbol !== SYMBOL),
  );
}

/** Buys 2 with a stop 4 % below that rests. */
async function enter(pc: Device, { accountId }: Account): Promise<void> {
  const stopPrice = await pc.priceAt(SYMBOL, '-4');
  const order = { accountId, symbol: SYMBOL, side: 'buy', type: 'market', size: '2' } as const;
  await pc.submit({ ...order, protection: { stopPrice } });
  await pc.until('the stop rests', () => held(pc)?.stop?.state === 'resting');
}

async function orders({ pc, line, account }: World): Promise<void> {
  const { accountId } = account;
  const where = { accountId, symbol: SYMBOL };
  const order = { ...where, side: 'buy', type: 'limit', size: '1' } as const;
  await ask(pc, 'orders.submit', { ...order, price: await pc.priceAt(SYMBOL, '-2'), preview: true });
  const placed = await pc.submit({ ...order, price: await pc.priceAt(SYMBOL, '-3') });
  if (!('orderId' in placed)) throw new Error('it was a preview');
  const { orderId } = placed;
  await pc.until('it works', ({ orders }) => orders[orderId]?.status === 'open');
  await ask(pc, 'orders.list', { accountId });
  await ask(pc, 'orders.amend', { orderId, price: await pc.priceAt(SYMBOL, '-2') });
  await pc.until('it is changed', ({ orders }) => orders[orderId]?.amending === undefined);
  await ask(pc, 'orders.cancel', { orderId });
  await flat(pc);
  expect(await refused(pc, 'orders.submit', { ...order, size: '100000', price: '1' })).toBe('denied');

  line.onCall = ({ kind }) =>
    kind === 'entry'
      ? { outcome: 'rejected', code: 'insufficient_balance', message: 'refused on the line' }
      : undefined;
  await pc.submit({ ...order, price: await pc.priceAt(SYMBOL, '-3') });
  await eventually('it is rejected', () => pc.frames.some(({ kind }) => kind === 'OrderRejected'));
  line.onCall = ({ kind }) =>
    kind === 'entry' ? { outcome: 'unknown', message: 'lost on the line' } : undefined;
  await pc.submit({ ...order, price: await pc.priceAt(SYMBOL, '-3') });
  await eventually('its answer is lost', () => pc.frames.some(({ kind }) => kind === 'OrderUnknown'));
  line.onCall = () => undefined;
  await flat(pc);
}

async function positions({ pc, account }: World): Promise<void> {
  const where = { accountId: account.accountId, symbol: SYMBOL };
  await enter(pc, account);
  await ask(pc, 'positions.list', {});
  await ask(pc, 'account.get', { accountId: account.accountId });
  await ask(pc, 'positions.setStop', { ...where, triggerPrice: await pc.priceAt(SYMBOL, '-3') });
  await eventually('the stop is moved', () =>
    pc.frames.some(({ kind }) => kind === 'StopPlaced' || kind === 'StopReplaced'),
  );
  await ask(pc, 'positions.setTakeProfit', { ...where, price: await pc.priceAt(SYMBOL, '4') });
  await ask(pc, 'positions.reduce', { ...where, size: '1' });
  await pc.until('half of it is gone', () => held(pc)?.size === '1');
  await ask(pc, 'positions.close', where);
  await flat(pc);
}

/** Stops that are missing, refused, fired. */
async function stops({ pc, venue, line, account }: World): Promise<void> {
  const ref = { accountId: account.accountId };
  const takeAway = async (): Promise<void> => {
    const { orders } = await venue.venue.readAccount(ref);
    for (const { type, symbol, venueOrderId } of orders)
      if (type === 'stop_market') await venue.venue.cancelOrder(ref, symbol, byVenueId(venueOrderId, 'stop'));
  };
  const refuse = (code: 'maintenance' | 'other'): void => {
    line.onCall = ({ kind }) =>
      kind === 'stop' ? { outcome: 'rejected', code, message: 'refused on the line' } : undefined;
  };
  await enter(pc, account);
  refuse('maintenance');
  await takeAway();
  await eventually('it is said aloud', () => pc.frames.some(({ kind }) => kind === 'Unprotected'));
  refuse('other');
  await eventually('no stop can be had', () => pc.frames.some(({ kind }) => kind === 'StopFailed'));
  line.onCall = () => undefined;
  await flat(pc);
  await enter(pc, account);
  await venue.control.movePrice(SYMBOL, dec('0.9'));
  await eventually('the stop has fired', () => pc.frames.some(({ kind }) => kind === 'StopTriggered'));
  await flat(pc);
}

/** What is not ours, what the exchange does by itself, and news of it. */
async function foreign({ pc, venue, account: { accountId } }: World): Promise<void> {
  const answer = await venue.venue.placeOrder({
    account: { accountId },
    clientOrderId: 'another-program-1',
    ...({ symbol: 'XRPUSDT', side: 'buy', type: 'market', timeInForce: 'ioc' } as const),
    size: dec('100'),
    ...{ price: null, triggerPrice: null, triggerBy: null, attachedStop: null, notAfter: null },
    reduceOnly: false,
  });
  expect(answer.outcome).toBe('accepted');
  await pc.until('it is noticed', ({ accounts }) => accounts[accountId]?.foreign != null);
  await ask(pc, 'accounts.resolveForeign', { accountId });
  await pc.until('it is adopted', ({ accounts }) => accounts[accountId]?.foreign === null);
  await venue.control.deleverage({ accountId }, 'XRPUSDT', dec('10'));
  const { alertId } = await pc.until('an alert', ({ alerts }) =>
    Object.values(alerts).find(({ dismissible }) => dismissible),
  );
  await ask(pc, 'alerts.dismiss', { alertId });
}

async function emergency({ pc, admin, trader, account: { accountId } }: World): Promise<void> {
  await ask(pc, 'limits.set', { accountId, values: { dailyLoss: '0.01', dailyLossPolicy: 'flatten' } });
  await eventually('a limit breaks', () => pc.frames.some(({ kind }) => kind === 'LimitBreached'));
  await ask(pc, 'emergency.stop', { preview: true });
  await ask(pc, 'emergency.stop', {});
  await eventually('the receipt', () => pc.frames.some(({ kind }) => kind === 'EmergencyReceipt'));
  await ask(pc, 'emergency.list', {});
  await ask(pc, 'emergency.release', {});
  const boss = await admin.device('boss', { webSocket });
  await ask(boss, 'admin.emergencyStop', { userId: trader.userId, preview: true });
  await ask(boss, 'admin.emergencyStop', { userId: trader.userId });
  await ask(boss, 'admin.emergencyRelease', { userId: trader.userId });
  expect(await refused(pc, 'admin.emergencyRelease', { userId: trader.userId })).toBe('forbidden');
}

async function history({ pc, account: { accountId }, trader }: World): Promise<void> {
  await ask(pc, 'history.orders', { accountId, limit: 2 });
  await ask(pc, 'history.fills', { accountId, limit: 2 });
  await ask(pc, 'history.trades', { accountId, limit: 2 });
  await ask(pc, 'history.bills', { accountId, limit: 2 });
  await ask(pc, 'history.equity', { accountId, limit: 2 });
  const phone = await trader.device('phone', { webSocket });
  await ask(pc, 'devices.revoke', { deviceId: phone.deviceId });
}

async function away({ link, server, pc }: World): Promise<void> {
  const has = (kind: string) => () => seen.pushed.some((push) => push.kind === kind);
  link.refuse();
  await eventually('the store is away', has('server.degraded'));
  expect(await refused(pc, 'emergency.stop', {})).toBe('unavailable');
  await link.restore();
  await eventually('the store is back', has('server.recovered'));
  await server.program.kill('SIGTERM');
  await eventually('it was said before it ended', has('server.restarting'));
}

it('[MET-17] every op, route, channel and push of a real server is as its schema says', async () => {
  const world = await started();
  for (const part of [
    routes,
    ...[reads, accounts, bots, orders, positions, stops, foreign, history, emergency, away],
  ])
    await part(world);
  await funding();
  await seldom();
  expect(misfits(seen)).toEqual([]);
  const without = <T extends string>(all: readonly T[], had: Set<unknown>): T[] =>
    all.filter((one) => !had.has(one));
  const answered = seen.exchanged.filter(({ reply }) => reply.ok).map(({ request }) => request.op);
  expect(without(OP_NAMES, new Set(answered)), 'ops').toEqual([]);
  expect(without(FRAME_KINDS, new Set(seen.pushed.map(({ kind }) => kind))), 'frames').toEqual([]);
  const pushed = seen.pushed.map(({ ch, kind }) => `${String(ch).split(':')[0]}/${String(kind)}`);
  expect(without(PUSH_NAMES, new Set(pushed)), 'pushes').toEqual([]);
});

/** Eight hours of market time within a few seconds. */
async function funding(): Promise<void> {
  const server = await ServerProcess.start({ env: { SIM_SPEED: '3600' } });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc', { webSocket });
  const { accountId } = await pc.firstAccount();
  await pc.submit({ accountId, symbol: SYMBOL, side: 'buy', type: 'market', size: '1' });
  await eventually('funding', () => pc.frames.some(({ kind }) => kind === 'FundingPaid'));
}

/** What a sound server does not say: a real gateway, told that there is trouble; and tokens that end soon. */
async function seldom(): Promise<void> {
  const world = await GatewayWorld.start({ identity: { accessLifetimeMs: 61_000 } });
  cleanups.push(() => world.stop());
  const user = await world.user();
  const client = await world.connect();
  seen.listen(client.ws);
  await client.authenticate(user.accessToken);
  // Accounts of the simulated venue take no keys.
  const accountId = `account-${user.grant.userId}`;
  const parts = { apiKey: 'bg_1b2c3d4e5f60718293a4', secret: 'not a real one', passphrase: 'nor is this' };
  await client.request('accounts.setKeys', { accountId, ...parts }, { commandId: randomUUID() });
  await client.request('accounts.removeKeys', { accountId }, { commandId: randomUUID() });
  world.troubles.began(user.grant.userId, 'desk_stuck');
  world.troubles.ended(user.grant.userId);
  const kinds = ['desk.trouble', 'desk.recovered', 'session.expiring'];
  await client.until(() => kinds.every((kind) => client.of('session').some((push) => push.kind === kind)));
}
