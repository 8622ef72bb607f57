import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../shared/domain/account.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { isOpen } from '../../shared/domain/order.ts';
import type { DeskEvent } from '../core/events.ts';
import { deniedFor } from '../testing/e2e/deniedFor.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { HOLDS } from '../testing/e2e/holds.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog, readStoredDesk } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { WireClient } from '../testing/wireClient.ts';

/** With a first target that the venue's price band lets rest. */
const PATIENT = { ...HOLDS, firstAtPct: 4 };

let venue: VenueProcess;
let server: ServerProcess;
let trader: Trader;
let pc: Device;
let phone: Device;
let account: Account;

beforeAll(async () => {
  venue = await VenueProcess.start({ SIM_SPEED: '60' });
  server = await ServerProcess.start({ env: venue.env });
});
afterAll(async () => {
  await server?.stop();
  await venue?.stop();
});
afterEach(() => trader?.close());

async function arrive(): Promise<void> {
  trader = await Trader.register(server.url);
  pc = await trader.device('pc');
  phone = await trader.device('phone');
  account = await pc.firstAccount();
}

/** A bot in a position with a resting stop and a ladder, as both devices see it. */
async function trading(symbol: string): Promise<string> {
  const botId = await pc.createBot(account, symbol, { params: PATIENT, allocationPct: '20' });
  await pc.client.request('bots.start', { botId });
  for (const device of [pc, phone]) {
    await device.until(`${symbol} is open and protected`, ({ positions, orders }) => {
      const position = Object.values(positions).find((held) => held.botId === botId);
      const rungs = Object.values(orders).filter(
        (order) => order.botId === botId && order.purpose === 'take_profit' && order.venueOrderId !== null,
      );
      return position?.stop?.state === 'resting' && rungs.length > 0;
    });
  }
  return botId;
}

const held = () => venue.venue.readAccount({ accountId: account.accountId });

function seqOf(events: readonly DeskEvent[], which: (event: DeskEvent) => boolean): number {
  return events.find(which)?.seq ?? Number.NaN;
}

it('[E2E-21] [ORD-20] [R11] [R17] [D6] [D8] stopped from the phone: entries latched first, its resting orders cancelled, its exposure closed, all seen on the computer; a sibling and what is by hand stay', async () => {
  await arrive();
  const botId = await trading('BTCUSDT');
  const sibling = await trading('ETHUSDT');
  const { accountId } = account;
  const byHand = { accountId, symbol: 'SOLUSDT', side: 'buy', type: 'market', size: '5' } as const;
  await pc.submit(byHand);
  const resting = { ...byHand, symbol: 'XRPUSDT', size: '100', type: 'limit' } as const;
  await pc.submit({ ...resting, price: await pc.priceAt('XRPUSDT', '-4') });
  await pc.until('the order by hand rests beside the position by hand', ({ orders, positions }) => {
    const rests = Object.values(orders).some(
      ({ purpose, status }) => purpose === 'manual' && status === 'open',
    );
    return rests && positions[`${accountId}:SOLUSDT`] !== undefined;
  });
  const before = await held();
  expect(before.orders.filter((order) => order.symbol === 'BTCUSDT').length).toBeGreaterThan(1);

  await phone.client.request('bots.stop', { botId });
  await pc.until('the computer sees it stopped', ({ bots }) => bots[botId]?.state === 'stopped');
  const after = await held();
  expect(after.positions.map(({ symbol }) => symbol).toSorted()).toEqual(['ETHUSDT', 'SOLUSDT']);
  expect(after.positions.find(({ symbol }) => symbol === 'SOLUSDT')?.leverage).toBe(account.leverage);
  expect(after.orders.filter((order) => order.symbol === 'BTCUSDT')).toEqual([]);
  expect(after.orders.filter((order) => order.symbol === 'XRPUSDT')).toHaveLength(1);
  expect(
    after.orders.filter((order) => order.symbol === 'ETHUSDT').map((order) => order.venueOrderId),
  ).toEqual(before.orders.filter((order) => order.symbol === 'ETHUSDT').map((order) => order.venueOrderId));
  expect(pc.bot(sibling).state).toBe('running');

  const { events } = await agreesWithLog(server.databaseUrl, trader.userId, pc.client);
  const isState = (state: string) => (event: DeskEvent) =>
    event.kind === 'BotStateChanged' && event.data.bot.botId === botId && event.data.bot.state === state;
  const latched = seqOf(events, isState('stopping'));
  const cancel = seqOf(
    events,
    (event) =>
      event.kind === 'OrderUpdated' && event.data.order.botId === botId && event.data.order.cancelRequested,
  );
  const close = seqOf(
    events,
    (event) =>
      event.kind === 'OrderSubmitted' &&
      event.data.order.botId === botId &&
      event.data.order.purpose === 'close',
  );
  const flat = seqOf(
    events.filter(({ seq }) => seq > close),
    (event) =>
      event.kind === 'PositionChanged' &&
      event.data.position.symbol === 'BTCUSDT' &&
      event.data.trade !== null,
  );
  const stopped = seqOf(events, isState('stopped'));
  expect([latched, cancel, close, flat, stopped]).toEqual(
    [latched, cancel, close, flat, stopped].toSorted((a, b) => a - b),
  );
  const entered = events.filter(
    ({ kind, data, seq }) =>
      seq > latched && kind === 'OrderSubmitted' && data.order.botId === botId && !data.order.reduceOnly,
  );
  expect(entered).toEqual([]);
});

it('[E2E-22] [R11] hold is a state of its own: position and stop stay at the venue, both devices see it, and stop ends it', async () => {
  await arrive();
  const botId = await trading('BTCUSDT');
  await phone.client.request('bots.stop', { botId, positions: 'hold' });
  for (const device of [pc, phone])
    await device.until('holding', ({ bots }) => bots[botId]?.state === 'holding');
  const kept = await held();
  expect(kept.positions.map(({ symbol }) => symbol)).toEqual(['BTCUSDT']);
  expect(kept.orders.some((order) => order.type === 'stop_market')).toBe(true);
  await pc.client.request('bots.stop', { botId });
  await phone.until('stopped', ({ bots }) => bots[botId]?.state === 'stopped');
  const { positions, orders } = await held();
  expect([...positions, ...orders]).toEqual([]);
});

it('[E2E-23] [R9] [R12] [R13] a device that asks for nothing is told of every step another device causes, in order, as the log has it', async () => {
  await arrive();
  const wire = await new WireClient(server.port).opened();
  await wire.authenticate(await pc.auth.current(), 'watches');
  const joined = await wire.request('subscribe', { channels: ['desk'] });
  expect(joined).toMatchObject({ ok: true });
  const botId = await pc.createBot(account, 'BTCUSDT');
  for (const op of ['bots.start', 'bots.pause', 'bots.resume', 'bots.stop'] as const) {
    await phone.client.request(op, { botId });
    const wanted = {
      'bots.start': 'running',
      'bots.pause': 'paused',
      'bots.resume': 'running',
      'bots.stop': 'stopped',
    };
    await phone.until(`${op} is done`, ({ bots }) => bots[botId]?.state === wanted[op]);
  }
  const { events } = await readStoredDesk(server.databaseUrl, trader.userId);
  const steps = (told: { kind: string; data?: unknown }[]): string[] =>
    told
      .filter(({ kind }) => kind === 'BotStateChanged')
      .map(({ data }) => (data as { bot: { state: string; version: number } }).bot)
      .map(({ state, version }) => `${state} ${version}`);
  const stored = steps(events);
  await eventually('the last step', () => steps(wire.of('desk')).length >= stored.length);
  expect(steps(wire.of('desk'))).toEqual(stored);
  expect(stored.map((step) => step.split(' ')[0])).toEqual(
    expect.arrayContaining(['starting', 'running', 'paused', 'stopping', 'stopped']),
  );
  const seqs = wire
    .of('desk')
    .flatMap(({ kind, seq }) => (kind === 'head' || seq === undefined ? [] : [seq]));
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  wire.ws.terminate();
});

it('[E2E-24] [D10] what one device has just changed is what another starts: no start runs with what was there before', async () => {
  await arrive();
  const botId = await pc.createBot(account, 'BTCUSDT', { leverage: 3 });
  for (const leverage of [5, 7, 2]) {
    // The second device does not wait until it sees the change.
    await pc.client.request('bots.update', { botId, leverage });
    await phone.client.request('bots.start', { botId });
    await pc.until('running', ({ bots }) => bots[botId]?.state === 'running');
    expect(pc.bot(botId).leverage).toBe(leverage);
    const { events } = await readStoredDesk(server.databaseUrl, trader.userId);
    const settings = events.findLast((event) => event.kind === 'SymbolConfigured');
    expect(settings?.data).toMatchObject({ symbol: 'BTCUSDT', leverage });
    await phone.client.request('bots.stop', { botId });
    await pc.until('stopped', ({ bots }) => bots[botId]?.state === 'stopped');
    await phone.until('stopped there too', ({ bots }) => bots[botId]?.state === 'stopped');
  }
  const created = await pc.createBot(account, 'ETHUSDT', { leverage: 4 });
  await phone.client.request('bots.start', { botId: created });
  await pc.until('running', ({ bots }) => bots[created]?.state === 'running');
});

it('[E2E-25] [D11] a halt stays: no look, no start-all and no restart of the server brings the bot back', async () => {
  await arrive();
  const botId = await trading('BTCUSDT');
  const { accountId } = account;
  await phone.client.request('limits.set', { accountId, values: { dailyLoss: '20' } });
  // A hundred and more on a position of 6,000.
  const isLong = (await held()).positions.some(({ direction }) => direction === 'long');
  await venue.control.movePrice('BTCUSDT', dec(isLong ? '0.98' : '1.02'));
  for (const device of [pc, phone])
    await device.until('halted and flat', ({ bots, positions }) => {
      const bot = bots[botId];
      return bot?.state === 'halted' && !bot.closing && Object.keys(positions).length === 0;
    });
  await pc.client.request('bots.list', {});
  expect(await pc.client.request('bots.startAll', {})).toMatchObject({ botIds: [] });
  await expect(pc.client.request('bots.start', { botId })).rejects.toMatchObject({
    code: 'denied',
    details: deniedFor('limit_breached'),
  });
  await server.restart('SIGTERM');
  for (const device of [pc, phone]) await device.live();
  await pc.until('compared with the venue', ({ accounts }) => accounts[accountId]?.status === 'ready');
  expect(pc.bot(botId)).toMatchObject({ state: 'halted' });
  expect(phone.bot(botId)).toMatchObject({ state: 'halted' });
  expect(Object.values(pc.view.orders).filter(isOpen)).toEqual([]);
});
