import { describe, expect, it } from 'vitest';
import { OP_NAMES, ops } from '../../shared/protocol/ops.ts';
import { NEW_BOT } from '../testing/deskSamples.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

const ORDER = {
  accountId: 'a',
  symbol: 'BTCUSDT',
  side: 'buy',
  type: 'limit',
  size: '1',
  price: '2',
} as const;
const SUBMIT = { commandId: 'submit-1', validUntil: 9_999_999_999_999 };

describe('frames that are no requests', () => {
  it('[WS-7] are answered without an id, and 4502 ends their repetition', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    const frames = [
      '{',
      '[]',
      '"text"',
      'null',
      '{"op":"ping"}',
      '{"id":7,"op":"ping"}',
      '{"id":"","op":"ping"}',
    ];
    for (const frame of frames) client.raw(frame);
    await client.until(() => client.received.length === 1 + frames.length);
    for (const text of client.received.slice(1)) {
      expect(JSON.parse(text)).toMatchObject({ id: '', ok: false, error: { code: 'bad_request' } });
    }
    expect((await client.request('ping', {})).ok).toBe(true);
    client.raw(Buffer.from([1, 2, 3]));
    client.raw('}');
    await client.closed();
    expect(client.closeCode).toBe(4502);
  });

  it('[WS-7] are forgiven when they are rare', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const client = await world.session(await world.user());
    for (let n = 0; n < 12; n += 1) {
      client.raw('{');
      await client.request('ping', {});
      clock.advance(30_000);
    }
    expect(client.closeCode).toBeNull();
  });

  it('[WS-7] above 64 KB are answered too_large and not read; above 256 KB the connection is cut', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    const frame = JSON.stringify({ id: '1', op: 'ping', args: {}, commandId: 'x'.repeat(70_000) });
    client.raw(frame);
    await client.until(() => client.received.length === 2);
    expect(JSON.parse(client.received[1] ?? '')).toMatchObject({
      id: '',
      error: {
        code: 'too_large',
        details: { limit: 'frameBytes', actual: String(frame.length), allowed: '65536' },
      },
    });
    expect((await client.request('ping', {})).ok).toBe(true);
    client.raw('x'.repeat(300_000));
    await client.closed();
  });
});

describe('requests that are wrong', () => {
  it('[WS-8] name the path and what is allowed, and reach no desk', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    const sent = { reduceonly: true, ...ORDER };
    const cases: Array<{ frame: object; path: string; text: string }> = [
      { frame: { op: 'orders.submit', args: sent, ...SUBMIT }, path: 'args.reduceonly', text: 'reduceOnly' },
      {
        frame: { op: 'orders.submit', args: { ...ORDER, size: 1 }, ...SUBMIT },
        path: 'args.size',
        text: 'string',
      },
      {
        frame: { op: 'orders.submit', args: { ...ORDER, size: 'NaN' }, ...SUBMIT },
        path: 'args.size',
        text: '0.25',
      },
      {
        frame: { op: 'orders.submit', args: { ...ORDER, size: '1e400' }, ...SUBMIT },
        path: 'args.size',
        text: '0.25',
      },
      {
        frame: { op: 'orders.submit', args: { ...ORDER, size: `0.${'1'.repeat(19)}` }, ...SUBMIT },
        path: 'args.size',
        text: '18 after the point',
      },
      {
        frame: { op: 'orders.submit', args: { ...ORDER, side: 'up' }, ...SUBMIT },
        path: 'args.side',
        text: '"buy"',
      },
      {
        frame: { op: 'orders.submit', args: { ...ORDER, protection: { stop: '1' } }, ...SUBMIT },
        path: 'args.protection.stop',
        text: 'stopPrice, takeProfitPrice',
      },
      { frame: { op: 'orders.submit', args: [], ...SUBMIT }, path: 'args', text: 'record' },
      { frame: { op: 'ping', args: {}, extra: 1 }, path: 'extra', text: 'expectedVersion' },
      { frame: { op: 'ping', args: { extra: 1 } }, path: 'args.extra', text: 'none' },
      {
        frame: { op: 'subscribe', args: { channels: ['everything'] } },
        path: 'args.channels.0',
        text: 'expected desk',
      },
      { frame: { op: 'subscribe', args: { channels: [] } }, path: 'args.channels', text: '1' },
    ];
    for (const [index, { frame, path, text }] of cases.entries()) {
      client.raw(JSON.stringify({ id: `case-${index}`, ...frame }));
      const reply = await client.reply(`case-${index}`);
      if (reply.ok) throw new Error(`case ${index} was accepted`);
      expect(reply.error.code).toBe('bad_request');
      expect(reply.error.retryable).toBe(false);
      expect(reply.error.message).toContain(`${path}: `);
      expect(reply.error.message).toContain(text);
    }
    expect(world.desks.executed).toEqual([]);
  });

  it('[WS-8] to an unknown op name the ops there are', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    client.raw(JSON.stringify({ id: 'a', op: 'bots.launch', args: {} }));
    expect(await client.reply('a')).toMatchObject({
      error: {
        code: 'bad_request',
        details: { issues: [{ path: 'op', allowed: expect.arrayContaining(['bots.start', 'bots.stop']) }] },
      },
    });
    for (const op of ['toString', '__proto__', 'constructor']) {
      client.raw(JSON.stringify({ id: op, op, args: {} }));
      expect(await client.reply(op)).toMatchObject({ error: { code: 'bad_request' } });
    }
  });

  it('[WS-8] with a hostile key change nothing', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    client.raw('{"id":"a","op":"ping","args":{"__proto__":{"polluted":true}}}');
    await client.reply('a');
    expect('polluted' in {}).toBe(false);
  });
});

describe('what the class of an op asks', () => {
  it('[WS-9] a command without commandId, and a read with one, are refused', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    for (const op of OP_NAMES) {
      const { class: opClass } = ops[op];
      const isCommand = opClass !== 'read' && opClass !== 'session';
      const args = sampleArgs[op];
      client.raw(JSON.stringify({ id: op, op, args, ...(isCommand ? {} : { commandId: 'command-1' }) }));
      const reply = await client.reply(op);
      expect(reply).toMatchObject({ ok: false, error: { code: 'bad_request' } });
      expect(reply.ok ? '' : `${op}: ${reply.error.message}`).toContain('commandId');
    }
    expect(world.desks.executed).toEqual([]);
  });

  it('[WS-9] exposure needs validUntil; exits take neither validUntil nor expectedVersion', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    const start1 = await client.request('bots.start', { botId: 'b' }, { commandId: 'command-1' });
    expect(start1).toMatchObject({
      error: { code: 'bad_request', details: { issues: [{ path: 'validUntil' }] } },
    });
    for (const fields of [{ validUntil: 1 }, { expectedVersion: 1 }]) {
      const reply = await client.request('bots.stop', { botId: 'b' }, { commandId: 'command-1', ...fields });
      expect(reply).toMatchObject({
        error: { code: 'bad_request', details: { issues: [{ path: Object.keys(fields)[0] }] } },
      });
    }
    const versionless = { commandId: 'command-1', validUntil: 1, expectedVersion: 1 };
    expect(await client.request('bots.startAll', {}, versionless)).toMatchObject({
      error: { code: 'bad_request', details: { issues: [{ path: 'expectedVersion' }] } },
    });
    expect(world.desks.executed).toEqual([]);
  });

  it('[WS-9] hands the desk who asked, from which device, with version and deadline', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const tokens = await world.user();
    const client = await world.session(tokens, 'phone');
    const now = clock.now();
    await client.request(
      'bots.start',
      { botId: 'b' },
      { commandId: 'command-1', expectedVersion: 3, validUntil: now + 1 },
    );
    expect(world.desks.executed).toEqual([
      {
        op: 'bots.start',
        args: { botId: 'b' },
        commandId: 'command-1',
        expectedVersion: 3,
        validUntil: now + 1,
        actor: { kind: 'user', userId: tokens.grant.userId, deviceId: 'phone' },
        receivedAt: now,
      },
    ]);
  });

  it('[WS-9] passes on what the desk refuses: a reused id, a stale version, a late command, a foreign id', async () => {
    const world = await start();
    const tokens = await world.user();
    const [pc, phone] = [await world.session(tokens, 'pc'), await world.session(tokens, 'phone')];
    const created = await pc.request('bots.create', NEW_BOT, { commandId: 'create-1' });
    if (!created.ok) throw new Error('not created');
    const botId = String(created.result.botId);
    expect(
      await pc.request('bots.create', { ...NEW_BOT, name: 'other' }, { commandId: 'create-1' }),
    ).toMatchObject({
      error: { code: 'command_id_reused' },
    });
    const again = await phone.request('bots.create', NEW_BOT, { commandId: 'create-1' });
    expect(again).toMatchObject({ ok: true, result: created.result });

    const soon = Date.now() + 60_000;
    const fields = { expectedVersion: 1, validUntil: soon };
    expect((await pc.request('bots.start', { botId }, { commandId: 'start-pc', ...fields })).ok).toBe(true);
    expect(
      await phone.request('bots.start', { botId }, { commandId: 'start-phone', ...fields }),
    ).toMatchObject({
      error: { code: 'version_conflict', details: { changedBy: { deviceId: 'pc', action: 'bots.start' } } },
    });
    expect(
      await phone.request('bots.start', { botId }, { commandId: 'start-late', validUntil: 1 }),
    ).toMatchObject({
      error: { code: 'expired' },
    });
    const stranger = await world.session(await world.user());
    expect(await stranger.request('bots.stop', { botId }, { commandId: 'stop-theirs' })).toMatchObject({
      error: { code: 'not_found' },
    });
  });

  it('[WS-29] previews need no command id and change nothing', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    expect(await client.request('orders.submit', { ...ORDER, preview: true })).toMatchObject({
      error: { code: 'denied' },
    });
    expect(await client.request('emergency.stop', { preview: true })).toMatchObject({
      result: { status: 'preview' },
    });
    expect(world.desks.executed).toEqual([]);
  });

  it('[WS-8] names markets, venues, accounts and devices that are not there', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    const market = { venue: 'sim', symbol: 'NOPE', interval: '1m' } as const;
    const replies = [
      await client.request('market.candles', market),
      await client.request('market.instruments', { venue: 'nowhere' }),
      await client.request('subscribe', { channels: ['ticker:sim.NOPE'] }),
      await client.request('subscribe', { channels: ['candles:nowhere.BTCUSDT.1m'] }),
      await client.request('account.get', { accountId: 'other' }),
      await client.request('orders.list', { accountId: 'other' }),
      await client.request('devices.revoke', { deviceId: 'other' }, { commandId: 'revoke-1' }),
    ];
    for (const reply of replies) expect(reply).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });
});

describe('rates', () => {
  it('[WS-11] are limited per connection, with the time to wait; exits have a budget of their own', async () => {
    const clock = new ManualClock();
    const limits = {
      connectionRate: { perSecond: 10, burst: 5 },
      exitConnectionRate: { perSecond: 1, burst: 2 },
    };
    const world = await start({ clock, limits });
    const tokens = await world.user();
    const client = await world.session(tokens);
    for (let n = 0; n < 4; n += 1) expect((await client.request('ping', {})).ok).toBe(true);
    const refused = await client.request('ping', {});
    expect(refused).toMatchObject({
      error: {
        code: 'rate_limited',
        retryable: true,
        details: { limit: 'requests per connection', retryAfterMs: 100 },
      },
    });
    const stop = (id: string) => client.request('bots.stopAll', {}, { commandId: id });
    expect((await stop('stop-all-1')).ok).toBe(true);
    expect((await stop('stop-all-2')).ok).toBe(true);
    expect(await stop('stop-all-3')).toMatchObject({
      error: { code: 'rate_limited', details: { retryAfterMs: 1_000 } },
    });
    clock.advance(100);
    expect((await client.request('ping', {})).ok).toBe(true);
  });

  it('[WS-40] whoever is refused is told a later time than the one before it: all who come back as told are served', async () => {
    const clock = new ManualClock();
    const world = await start({ clock, limits: { connectionRate: { perSecond: 10, burst: 10 } } });
    const client = await world.session(await world.user());
    const ask = () => client.request('ping', {});
    const waitOf = (reply: unknown): number =>
      (reply as { error: { details: { retryAfterMs: number } } }).error.details.retryAfterMs;
    const replies = await Promise.all(Array.from({ length: 57 }, ask));
    const waits = replies.filter((reply) => !reply.ok).map(waitOf);
    // The first request authenticated.
    expect(waits).toEqual(Array.from({ length: 48 }, (_, n) => 100 * (n + 1)));
    for (const _ of waits) {
      clock.advance(100);
      expect((await ask()).ok).toBe(true);
    }
    expect(waitOf(await ask())).toBe(100);
    // Who does not do as told makes nobody wait for ever.
    const flood = await Promise.all(Array.from({ length: 150 }, ask));
    expect(Math.max(...flood.map(waitOf))).toBe(10_000);
    clock.advance(100);
    expect((await ask()).ok).toBe(true);
  });

  it('[WS-11] are limited per user and per address over all connections', async () => {
    const clock = new ManualClock();
    const world = await start({
      clock,
      limits: { userRate: { perSecond: 1, burst: 2 }, addressRate: { perSecond: 1, burst: 8 } },
    });
    const [ada, bob] = [await world.user(), await world.user()];
    const [first, second, other] = [
      await world.session(ada),
      await world.session(ada),
      await world.session(bob),
    ];
    expect((await first.request('ping', {})).ok).toBe(true);
    expect((await second.request('ping', {})).ok).toBe(true);
    expect(await second.request('ping', {})).toMatchObject({
      error: { details: { limit: 'requests per user' } },
    });
    expect((await other.request('ping', {})).ok).toBe(true);
    expect((await other.request('ping', {})).ok).toBe(true);
    clock.advance(1_000);
    expect((await other.request('ping', {})).ok).toBe(true);
    expect((await first.request('ping', {})).ok).toBe(true);
    const refused = await Promise.all([second.request('ping', {}), other.request('ping', {})]);
    for (const reply of refused) expect(reply).toMatchObject({ error: { code: 'rate_limited' } });
  });

  it('[WS-12] at most 64 requests wait for a reply; exits have places of their own', async () => {
    const world = await start({ limits: { outstandingRequests: 2, outstandingExits: 1 } });
    const tokens = await world.user();
    const client = await world.session(tokens);
    let proceed = (): void => undefined;
    const held = new Promise<void>((resume) => {
      proceed = resume;
    });
    const { execute } = world.desks;
    world.desks.execute = async (deskId, command) => {
      await held;
      return execute.call(world.desks, deskId, command);
    };
    const pause = (botId: string) =>
      client.request('bots.pause', { botId }, { commandId: `pause-bot-${botId}` });
    const remove = (botId: string) =>
      client.request('bots.delete', { botId }, { commandId: `delete-bot-${botId}` });
    const waiting = [remove('a'), remove('b')];
    expect(await remove('c')).toMatchObject({
      error: { code: 'rate_limited', details: { limit: 'outstandingRequests' } },
    });
    waiting.push(pause('a'));
    expect(await pause('b')).toMatchObject({
      error: { code: 'rate_limited', details: { limit: 'outstandingExits' } },
    });
    proceed();
    for (const reply of await Promise.all(waiting)) expect(reply.ok).toBe(true);
    expect((await remove('d')).ok).toBe(true);
  });

  it('[WS-13] a connection is in at most 50 channels; a subscribe that fails joins none', async () => {
    const symbols = Array.from({ length: 60 }, (_, index) => `COIN${index}`);
    const world = await start({ symbols });
    const client = await world.session(await world.user());
    const channels = symbols.map((symbol) => `ticker:sim.${symbol}`);
    expect((await client.request('subscribe', { channels: channels.slice(0, 50) })).ok).toBe(true);
    expect(await client.request('subscribe', { channels: [channels[50] ?? ''] })).toMatchObject({
      error: {
        code: 'denied',
        details: { denials: [{ limit: 'channels', figures: { actual: 51, allowed: 50 } }] },
      },
    });
    expect((await client.request('subscribe', { channels: channels.slice(0, 3) })).ok).toBe(true);
    const fresh = await world.session(await world.user());
    expect((await fresh.request('subscribe', { channels: ['desk', 'log:nobody'] })).ok).toBe(false);
    expect(await fresh.request('unsubscribe', { channels: ['pnl'] })).toMatchObject({
      result: { channels: [] },
    });
  });
});

const bot = { botId: 'b' };
const account = { accountId: 'a' };
const market = { venue: 'sim', symbol: 'BTCUSDT', interval: '1m' };
/** Arguments that fit each op. */
const sampleArgs: Partial<Record<string, object>> = {
  'admin.emergencyStop': { all: true },
  'admin.emergencyRelease': { all: true },
  'session.authenticate': { token: 't', viewVersion: 1 },
  'session.refresh': { token: 't' },
  subscribe: { channels: ['desk'] },
  unsubscribe: { channels: ['desk'] },
  ack: { seq: 1 },
  'market.instruments': { venue: 'sim' },
  'market.candles': market,
  'accounts.create': { name: 'a', venue: 'sim' },
  'accounts.update': account,
  'accounts.test': account,
  'accounts.reset': account,
  'accounts.remove': account,
  'accounts.setKeys': { ...account, apiKey: 'k', secret: 's', passphrase: 'p' },
  'accounts.removeKeys': account,
  'accounts.resolveForeign': account,
  'account.get': account,
  'limits.set': { ...account, values: {} },
  'bots.create': { name: 'b', ...account, ...market, strategy: 's', allocationPct: '1', venue: undefined },
  'bots.update': bot,
  'bots.clone': { ...bot, name: 'c' },
  'bots.delete': bot,
  'bots.start': bot,
  'bots.pause': bot,
  'bots.resume': bot,
  'bots.stop': bot,
  'orders.submit': ORDER,
  'orders.amend': { orderId: 'o' },
  'orders.cancel': { orderId: 'o' },
  'positions.close': { ...account, symbol: 'BTCUSDT' },
  'positions.reduce': { ...account, symbol: 'BTCUSDT', size: '1' },
  'alerts.dismiss': { alertId: 'none' },
  'positions.setStop': { ...account, symbol: 'BTCUSDT', triggerPrice: '1' },
  'positions.setTakeProfit': { ...account, symbol: 'BTCUSDT', price: '1' },
  'devices.revoke': { deviceId: 'd' },
};

describe('pages of history', () => {
  it('[WS-35] a cursor that no page ended with is refused and named', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    const answer = await client.request('history.fills', { cursor: 'nonsense' });
    expect(answer).toMatchObject({ ok: false, error: { code: 'bad_request' } });
    expect(JSON.stringify(answer)).toContain('args.cursor');
    expect((await client.request('history.fills', {})).ok).toBe(true);
  });
});
