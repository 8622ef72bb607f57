import { RestClientV3 } from 'bitget-api';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Reply, type SeenRequest, startRestServer } from '../../../testing/bitget/restServer.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { BitgetKeys } from '../errors/bitgetKeys.ts';
import { CallLimiter } from './callLimiter.ts';
import { detectFamily } from './detectFamily.ts';
import { type Endpoint, RestCalls } from './restCalls.ts';
import { ServerClock } from './serverClock.ts';

const PARTS = {
  apiKey: 'bg_planted_key_0001',
  secret: 'planted-secret-0002',
  passphrase: 'planted phrase 3',
};
const READ: Endpoint = { method: 'GET', path: '/api/v3/account/assets', perSecond: 20 };
const WRITE: Endpoint = { method: 'POST', path: '/api/v3/trade/place-order', perSecond: 10 };

interface World {
  reply?: (request: SeenRequest) => Reply;
  /** How far the exchange's clock is ahead of this machine's, ms. */
  ahead?: number;
  demo?: boolean;
}

async function open({ reply = () => ({ data: {} }), ahead = 0, demo = false }: World = {}) {
  const server = await startRestServer({ keys: PARTS, now: () => Date.now() + ahead, reply });
  onTestFinished(() => server.stop());
  const clock = new ManualClock(Date.now());
  const serverClock = new ServerClock(clock);
  const limiter = new CallLimiter(clock, () => 0);
  const options = { baseUrl: server.url, demo, clock, serverClock, limiter };
  const calls = new RestCalls({ ...options, addressCallsPerMinute: 1_000 });
  const caller = { keys: new BitgetKeys(PARTS), accountId: 'a' };
  const fault = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof BitgetError)) throw new Error('no failure of the exchange');
    return error;
  };
  return { server, clock, serverClock, calls, caller, fault };
}

describe('calls', () => {
  test('[BIT-8] are signed as another client signs them, parameters and body included', async () => {
    const { server, calls, caller } = await open();
    await calls.call(READ, { coin: 'USDT', symbol: undefined, text: 'a b/c&d=é' }, caller, { lane: 'read' });
    await calls.call(WRITE, { symbol: 'BTCUSDT', qty: '0.1' }, caller, { lane: 'entry' });
    const other = new RestClientV3({
      baseUrl: server.url,
      apiKey: PARTS.apiKey,
      apiSecret: PARTS.secret,
      apiPass: PARTS.passphrase,
    });
    await other.getBalances();
    const [read, write, theirs] = server.requests;
    expect(read?.query).toEqual({ coin: 'USDT', text: 'a b/c&d=é' });
    expect(write?.body).toEqual({ symbol: 'BTCUSDT', qty: '0.1' });
    // The server has checked all three signatures alike; the headers have the same names.
    const signed = (request?: SeenRequest) =>
      Object.keys(request?.headers ?? {})
        .filter((name) => name.startsWith('access-'))
        .sort();
    expect(signed(read)).toEqual(signed(theirs));
  });

  test('[BIT-21] demo accounts say so with every call, live ones never', async () => {
    const live = await open();
    await live.calls.call(READ, {}, live.caller, { lane: 'read' });
    const demo = await open({ demo: true });
    await demo.calls.call(READ, {}, demo.caller, { lane: 'read' });
    await demo.calls.call(READ, {}, null, { lane: 'read' });
    expect(live.server.requests[0]?.headers.paptrading).toBeUndefined();
    expect(demo.server.requests.map(({ headers }) => headers.paptrading)).toEqual(['1', '1']);
    expect(demo.server.requests[1]?.headers['access-key']).toBeUndefined();
  });

  test('[BIT-22] a clock 45 s off, in either direction, is noticed by the refusal and the call signed again, once', async () => {
    for (const ahead of [45_000, -45_000]) {
      const { server, serverClock, clock, calls, caller } = await open({ ahead });
      await calls.call(WRITE, { qty: '1' }, caller, { lane: 'entry' });
      expect(server.requests).toHaveLength(2);
      expect(Math.abs(serverClock.now() - clock.now() - ahead)).toBeLessThan(30_000);
      // Somebody sets this machine's clock: nothing changes.
      clock.setWall(3_600_000);
      await calls.call(WRITE, { qty: '1' }, caller, { lane: 'entry' });
      expect(server.requests).toHaveLength(3);
    }
    const never = await open({ reply: () => ({ code: '40008' }) });
    const error = await never.fault(never.calls.call(WRITE, {}, never.caller, { lane: 'entry' }));
    expect(error.fault).toEqual({ kind: 'clock' });
    expect(never.server.requests).toHaveLength(2);
  });

  test('[BIT-23] a write is sent once, whatever becomes of it, and whether it may have happened is known', async () => {
    const outcomes: [Reply, string, boolean][] = [
      ['reset', 'no_answer', true],
      [{ text: '<html>busy</html>' }, 'no_sense', true],
      [{ text: '' }, 'no_sense', true],
      [{ text: 'bad gateway', status: 502 }, 'no_sense', true],
      [{ code: '40725' }, 'uncertain', true],
      [{ code: '25001' }, 'uncertain', true],
      [{ code: '40015' }, 'maintenance', false],
      [{ code: '40762' }, 'refused', false],
    ];
    for (const [reply, kind, may] of outcomes) {
      const { server, calls, caller, fault } = await open({ reply: () => reply });
      const error = await fault(calls.call(WRITE, { qty: '1' }, caller, { lane: 'entry' }));
      expect([error.fault.kind, error.mayHaveHappened]).toEqual([kind, may]);
      expect(server.requests).toHaveLength(1);
    }
  });

  test('[BIT-23] no answer in time is one that may have happened; nobody there is one that has not', async () => {
    const { server, clock, calls, caller, fault } = await open({ reply: () => 'never' });
    const late = fault(calls.call(WRITE, {}, caller, { lane: 'entry' }));
    await expect.poll(() => server.requests.length).toBe(1);
    clock.advance(5_000);
    expect((await late).fault).toEqual({ kind: 'no_answer' });
    const nobody = await open();
    await nobody.server.stop();
    const error = await nobody.fault(nobody.calls.call(WRITE, {}, nobody.caller, { lane: 'entry' }));
    expect([error.fault.kind, error.mayHaveHappened]).toEqual(['not_sent', false]);
  });

  test('[BIT-24] what is due no more when its turn comes is not sent', async () => {
    const { server, serverClock, calls, caller, fault } = await open();
    const terms = { lane: 'entry', notAfter: serverClock.now() - 1 } as const;
    const error = await fault(calls.call(WRITE, {}, caller, terms));
    expect(error.fault).toEqual({ kind: 'refused', as: 'expired' });
    expect(server.requests).toHaveLength(0);
  });

  test('[BIT-7] nothing of a key is in an error, whatever the exchange says', async () => {
    const { calls, caller, fault } = await open({
      reply: () => ({ code: '40037', msg: `Apikey ${PARTS.apiKey} ${PARTS.passphrase} does not exist` }),
    });
    const error = await fault(calls.call(READ, {}, caller, { lane: 'read' }));
    expect(error.message).toContain('[redacted]');
    const shown = `${JSON.stringify(error)}${error.stack}${String(error.cause)}`;
    for (const part of Object.values(PARTS)) expect(shown).not.toContain(part);
  });

  test('[BIT-25] the family is told by a clear word alone', async () => {
    const family = async (reply: Reply) => {
      const { calls, caller } = await open({ reply: () => reply });
      return detectFamily(calls, caller);
    };
    expect(await family({ data: { holdMode: 'one_way_mode' } })).toBe('v3');
    for (const code of ['40084', '25245']) expect(await family({ code })).toBe('v2');
    for (const [reply, kind] of [
      [{ code: '40006' }, 'keys'],
      [{ code: '40099' }, 'wrong_environment'],
      [{ code: '40014' }, 'permission'],
      [{ code: '40018' }, 'address'],
      [{ text: '<html>' }, 'no_sense'],
      [{ code: '45001' }, 'uncertain'],
    ] as const)
      await expect(family(reply)).rejects.toMatchObject({ fault: { kind } });
  });

  test('[BIT-26] after a 429 the endpoint is left alone for a while', async () => {
    let replies: Reply[] = [{ code: '429', status: 429 }];
    const { server, clock, calls, caller, fault } = await open({
      reply: () => replies.shift() ?? { data: {} },
    });
    const error = await fault(calls.call(READ, {}, caller, { lane: 'read' }));
    expect(error.fault).toEqual({ kind: 'rate_limited', retryAfterMs: 1_000 });
    replies = [];
    const next = calls.call(READ, {}, caller, { lane: 'read' });
    await calls.call(WRITE, {}, caller, { lane: 'entry' });
    expect(server.requests.map(({ path }) => path)).toEqual([READ.path, WRITE.path]);
    clock.advance(1_000);
    await next;
    expect(server.requests).toHaveLength(3);
  });
});
