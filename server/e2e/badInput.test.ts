import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/protocol/errors.ts';
import { systemClock } from '../adapters/clock/systemClock.ts';
import { AccessTokens } from '../identity/accessTokens.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { readStoredDesk } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { WireClient } from '../testing/wireClient.ts';

const JWT_SECRET = randomBytes(48).toString('base64url');

let server: ServerProcess;
let trader: Trader;
let stranger: Trader;
let device: Device;
let strangerDevice: Device;
/** What the frames below name. */
const known = {
  accountId: '',
  botId: '',
  theirAccountId: '',
  theirBotId: '',
  usedCommandId: '',
  far: '',
  above: '',
};

beforeAll(async () => {
  // The prices that the cases name are taken here: the market must not run away from them.
  server = await ServerProcess.start({ env: { JWT_SECRET, SIM_SPEED: '1' } });
  trader = await Trader.register(server.url);
  stranger = await Trader.register(server.url);
  device = await trader.device('pc');
  strangerDevice = await stranger.device('pc');
  const account = await device.firstAccount();
  const theirs = await strangerDevice.firstAccount();
  known.accountId = account.accountId;
  known.theirAccountId = theirs.accountId;
  known.theirBotId = await strangerDevice.createBot(theirs, 'BTCUSDT');
  known.far = await device.priceAt('BTCUSDT', '-20');
  known.above = await device.priceAt('BTCUSDT', '2');
  await strangerDevice.submit(order({ accountId: theirs.accountId }));
  await device.client.request('accounts.update', { accountId: account.accountId, leverage: 20 });
  known.botId = await device.createBot(account, 'ETHUSDT');
  await device.client.request('bots.update', { botId: known.botId, allocationPct: '5' });
  known.usedCommandId = randomUUID();
  const first = { accountId: account.accountId, leverage: 20 };
  await device.client.request('accounts.update', first, { commandId: known.usedCommandId });
});
afterAll(async () => {
  trader?.close();
  stranger?.close();
  await server?.stop();
});

type Order = Parameters<typeof device.client.request<'orders.submit'>>[1];

function order(change: Partial<Record<keyof Order, unknown>> & Record<string, unknown> = {}): Order {
  const base = { accountId: known.accountId, symbol: 'BTCUSDT', side: 'buy', type: 'market', size: '0.01' };
  return { ...base, ...change } as Order;
}

const SOON_MS = 60_000;
const command = (op: string, args: object, more: object = {}) => ({
  id: '7',
  op,
  args,
  commandId: randomUUID(),
  ...more,
});
const submit = (change: Record<string, unknown>, more: object = {}) =>
  command('orders.submit', order(change), { validUntil: Date.now() + SOON_MS, ...more });

interface Case {
  what: string;
  frame: () => string | object;
  code: ErrorCode;
  /** What the message names. */
  says: RegExp;
}

const CASES: Case[] = [
  { what: 'malformed JSON', frame: () => '{"id":"7","op":', code: 'bad_request', says: /not JSON/ },
  { what: 'no object', frame: () => '[]', code: 'bad_request', says: /JSON object such as/ },
  {
    what: 'an oversize frame',
    frame: () => JSON.stringify({ id: '7', op: 'ping', args: { x: 'x'.repeat(70_000) } }),
    code: 'too_large',
    says: /65536 bytes/,
  },
  {
    what: 'an unknown op',
    frame: () => command('bots.begin', {}),
    code: 'bad_request',
    says: /no op "bots.begin"/,
  },
  {
    what: 'an unknown field',
    frame: () => submit({ reduceonly: true }),
    code: 'bad_request',
    says: /reduceonly: unknown field; allowed: .*reduceOnly/,
  },
  {
    what: 'an unknown field outside',
    frame: () => submit({}, { priority: 1 }),
    code: 'bad_request',
    says: /priority: unknown field; allowed: .*commandId/,
  },
  {
    what: 'a number for a decimal',
    frame: () => submit({ size: 0.01 }),
    code: 'bad_request',
    says: /args\.size: .*string/,
  },
  {
    what: 'a wrong side',
    frame: () => submit({ side: 'long' }),
    code: 'bad_request',
    says: /args\.side: .*"buy"/,
  },
  {
    what: 'a missing field',
    frame: () => command('bots.stop', {}),
    code: 'bad_request',
    says: /args\.botId/,
  },
  {
    what: 'a missing commandId',
    frame: () => submit({}, { commandId: undefined }),
    code: 'bad_request',
    says: /commandId: .*8 to 64 characters/,
  },
  {
    what: 'a missing validUntil',
    frame: () => submit({}, { validUntil: undefined }),
    code: 'bad_request',
    says: /validUntil: .*server time/,
  },
  {
    what: 'an unknown symbol',
    frame: () => submit({ symbol: 'NOPEUSDT' }),
    code: 'denied',
    says: /NOPEUSDT is not traded at “sim”/,
  },
  { what: 'size 0', frame: () => submit({ size: '0' }), code: 'denied', says: /must be above 0/ },
  { what: 'a negative size', frame: () => submit({ size: '-1' }), code: 'denied', says: /must be above 0/ },
  {
    what: 'size NaN',
    frame: () => submit({ size: 'NaN' }),
    code: 'bad_request',
    says: /args\.size: expected a decimal string/,
  },
  {
    what: 'size 1e400',
    frame: () => submit({ size: '1e400' }),
    code: 'bad_request',
    says: /args\.size: expected a decimal string/,
  },
  {
    what: 'too many decimals for a number',
    frame: () => submit({ size: '0.0100000000000000000001' }),
    code: 'bad_request',
    says: /18 after the point/,
  },
  {
    what: 'too many decimals for the instrument',
    frame: () => submit({ size: '0.01005' }),
    code: 'denied',
    says: /multiple of 0\.0001/,
  },
  {
    what: 'a size below the minimum',
    frame: () => submit({ symbol: 'DOGEUSDT', size: '0.5' }),
    code: 'denied',
    says: /below the minimum of 1/,
  },
  {
    what: 'a value below the minimum',
    frame: () => submit({ symbol: 'DOGEUSDT', size: '1' }),
    code: 'denied',
    says: /minimum|at least|below/,
  },
  {
    what: 'a size above the balance',
    frame: () => submit({ size: '10' }),
    code: 'denied',
    says: /needs .* is available/,
  },
  {
    what: 'a price off the tick',
    frame: () => submit({ type: 'limit', price: '50000.01' }),
    code: 'denied',
    says: /multiple of 0\.1/,
  },
  {
    what: 'a limit order without price',
    frame: () => submit({ type: 'limit' }),
    code: 'denied',
    says: /needs a price/,
  },
  {
    what: 'a stop on the wrong side',
    frame: () => submit({ protection: { stopPrice: known.above } }),
    code: 'denied',
    says: /must lie below/,
  },
  {
    what: 'a target on the wrong side',
    frame: () => submit({ protection: { takeProfitPrice: known.far } }),
    code: 'denied',
    says: /must lie above/,
  },
  {
    what: 'a stop behind the liquidation price',
    frame: () => submit({ protection: { stopPrice: known.far } }),
    code: 'denied',
    says: /behind the liquidation price .*must be above/,
  },
  {
    what: 'nothing to reduce',
    frame: () => submit({ reduceOnly: true }),
    code: 'denied',
    says: /there is no position that buy would reduce/,
  },
  {
    what: 'another user’s account',
    frame: () => submit({ accountId: known.theirAccountId }),
    code: 'not_found',
    says: /no account/,
  },
  {
    what: 'another user’s position',
    frame: () => command('positions.close', { accountId: known.theirAccountId, symbol: 'BTCUSDT' }),
    code: 'not_found',
    says: /no position/,
  },
  {
    what: 'another user’s bot',
    frame: () => command('bots.stop', { botId: known.theirBotId }),
    code: 'not_found',
    says: /no bot/,
  },
  {
    what: 'a commandId used with other arguments',
    frame: () =>
      command(
        'accounts.update',
        { accountId: known.accountId, leverage: 3 },
        { commandId: known.usedCommandId },
      ),
    code: 'command_id_reused',
    says: /other arguments; use a new one/,
  },
  {
    what: 'a stale expectedVersion',
    frame: () => command('bots.update', { botId: known.botId, allocationPct: '6' }, { expectedVersion: 1 }),
    code: 'version_conflict',
    says: /at version 2, not 1: update by pc-\S+ at \d+ came first/,
  },
  {
    what: 'a late validUntil',
    frame: () => submit({}, { validUntil: Date.now() - 1_000 }),
    code: 'expired',
    says: /after its validUntil; nothing was done/,
  },
];

/** Events that commands brought about: those of the venue and of the clock come at any moment. */
async function headOf(userId: string): Promise<number> {
  const { events } = await readStoredDesk(server.databaseUrl, userId);
  return events.filter(({ cause }) => cause.startsWith('command:')).length;
}

it.each(CASES)('[E2E-8] refuses $what by name, and nothing changes', async ({ frame, code, says }) => {
  const heads = await Promise.all([headOf(trader.userId), headOf(stranger.userId)]);
  const client = await new WireClient(server.port).opened();
  await client.authenticate(await device.auth.current());
  const sent = frame();
  client.raw(typeof sent === 'string' ? sent : JSON.stringify(sent));
  const reply = await client.reply(typeof sent === 'string' ? '' : '7');
  if (reply.ok) throw new Error(`accepted: ${JSON.stringify(reply)}`);
  expect(reply.error).toMatchObject({ code, message: expect.stringMatching(says) });
  // Everything sent before it has been decided by then.
  await device.client.request('accounts.list', {});
  expect(await Promise.all([headOf(trader.userId), headOf(stranger.userId)])).toEqual(heads);
  client.ws.terminate();
});

it('[E2E-8] refuses an expired token with 4001 and a second user on a socket with 4502', async () => {
  const token = await device.auth.current();
  const verdict = await new AccessTokens(JWT_SECRET, systemClock).verify(token);
  if (!verdict.ok) throw new Error('the token does not verify');
  const past = { ...verdict.grant, expiresAt: Date.now() - 60_000 };
  const expired = await new AccessTokens(JWT_SECRET, systemClock).issue(past);
  const late = await new WireClient(server.port).opened();
  expect(await late.authenticate(expired)).toMatchObject({
    ok: false,
    error: { code: 'unauthenticated', message: expect.stringMatching(/expired/) },
  });
  await late.closed();
  expect(late.closeCode).toBe(4001);

  const two = await new WireClient(server.port).opened();
  await two.authenticate(token);
  const other = await two.authenticate(await strangerDevice.auth.current());
  expect(other).toMatchObject({
    ok: false,
    error: { code: 'forbidden', message: expect.stringMatching(/another user/) },
  });
  await two.closed();
  expect(two.closeCode).toBe(4502);
});

it.each(['post_only', 'fok', 'gtc'])(
  '[MET-9] a market order that is to be %s is refused with what it may be, preview too',
  async (timeInForce) => {
    const client = await new WireClient(server.port).opened();
    await client.authenticate(await device.auth.current());
    for (const args of [{ timeInForce }, { timeInForce, preview: true }]) {
      client.raw(JSON.stringify(submit(args)));
      const reply = await client.reply('7');
      expect(reply).toMatchObject({
        ok: false,
        error: {
          code: 'bad_request',
          message: `args.timeInForce: a market order cannot be ${timeInForce}; allowed: ioc`,
          details: { issues: [{ path: 'args.timeInForce', allowed: ['ioc'] }] },
        },
      });
    }
    client.ws.terminate();
  },
);

it('[MET-11] a stop and a target on the wrong side are refused alike, with the order or by hand', async () => {
  const refused = {
    code: 'denied',
    details: {
      denials: [
        { limit: expect.stringMatching(/^(stop|take_profit)_side$/), figures: { bound: expect.any(String) } },
      ],
    },
  };
  const wrong = [{ protection: { stopPrice: known.above } }, { protection: { takeProfitPrice: known.far } }];
  for (const change of wrong)
    await expect(device.client.request('orders.submit', order(change))).rejects.toMatchObject(refused);
  await strangerDevice.until('the position is there', ({ positions }) => Object.keys(positions).length === 1);
  const held = { accountId: known.theirAccountId, symbol: 'BTCUSDT' };
  const { client } = strangerDevice;
  await expect(
    client.request('positions.setStop', { ...held, triggerPrice: known.above }),
  ).rejects.toMatchObject(refused);
  await expect(
    client.request('positions.setTakeProfit', { ...held, price: known.far }),
  ).rejects.toMatchObject(refused);
});
