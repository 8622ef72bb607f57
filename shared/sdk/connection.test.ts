import { afterEach, describe, expect, test } from 'vitest';
import { sampleError } from '../../server/testing/sampleError.ts';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import { until } from '../../server/testing/sdk/until.ts';
import { CLOSE } from '../protocol/closeCodes.ts';
import { VIEW_VERSION } from '../protocol/version.ts';
import { FillwireError } from './fillwireError.ts';
import type { TokenSource } from './tokens.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

/** Tokens `token1`, `token2`, …: each refresh gives the next. */
function countedTokens(): TokenSource & { refreshed: string[] } {
  let n = 1;
  const refreshed: string[] = [];
  return {
    refreshed,
    current: async () => `token${n}`,
    refresh: async (stale) => {
      refreshed.push(stale);
      n += 1;
      return `token${n}`;
    },
  };
}

const delayToRetry = () => (scenario.client.status.retryAt ?? Number.NaN) - scenario.clock.now();

async function closedBy(code: number, reason = ''): Promise<void> {
  scenario.server.peer.close(code, reason);
  await until(() => scenario.state() === 'offline' || scenario.state() === 'logged_out', `noticed ${code}`);
}

describe('opening', () => {
  test('[SDK-1] proves who it is first, and says nothing else until that is answered', async () => {
    scenario = await ClientScenario.start();
    scenario.server.answer = (request) => (request.op === 'session.authenticate' ? 'silence' : undefined);
    scenario.client.connect();
    const read = scenario.client.request('bots.list', {});
    read.catch(() => {});
    await until(() => scenario.server.sent('session.authenticate').length === 1, 'authentication');
    const { peer } = scenario.server;
    expect(peer.path).toBe('/ws');
    expect(peer.protocol).toBe('fillwire.v1.json');
    expect(peer.requests.map(({ op }) => op)).toEqual(['session.authenticate']);
    expect(peer.requests[0]?.args).toEqual({
      token: 'token1',
      device: { id: 'device1', name: 'Test', kind: 'program' },
      viewVersion: VIEW_VERSION,
    });
    expect(scenario.state()).toBe('connecting');
  });

  test('goes connecting, resuming, live, and tells what the server said of the session', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    expect(scenario.states).toEqual(['connecting', 'resuming', 'live']);
    expect(scenario.client.session).toMatchObject({ userId: 'user1', viewVersion: VIEW_VERSION });
  });

  test('[SDK-9] gives an attempt up that is not authenticated in time', async () => {
    scenario = await ClientScenario.start();
    scenario.server.answer = () => 'silence';
    scenario.client.connect();
    await until(() => scenario.server.sent('session.authenticate').length === 1, 'authentication');
    scenario.clock.advance(10_000);
    expect(scenario.client.status).toMatchObject({ state: 'offline', reason: 'no connection in 10000 ms' });
    scenario.server.answer = () => undefined;
    scenario.advanceToRetry();
    await scenario.untilState('live');
  });

  test('[SDK-9] gives up on a token that never comes', async () => {
    scenario = await ClientScenario.start({
      tokens: { current: () => new Promise(() => {}), refresh: () => new Promise(() => {}) },
    });
    scenario.client.connect();
    scenario.clock.advance(10_000);
    expect(scenario.state()).toBe('offline');
    expect(delayToRetry()).toBeGreaterThan(0);
  });

  test('[SDK-9] connect() while waiting tries at once, and while connected changes nothing', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.client.connect();
    await closedBy(CLOSE.resync);
    expect(delayToRetry()).toBeGreaterThan(0);
    scenario.client.connect();
    scenario.client.connect();
    await scenario.untilState('live');
    expect(scenario.server.peers).toHaveLength(2);
  });

  test('tells why no socket can be made at all', async () => {
    scenario = await ClientScenario.start({
      webSocket: () => {
        throw new TypeError('not here');
      },
    });
    scenario.client.connect();
    await until(() => scenario.client.status.reason === 'not here', 'the reason');
    expect(scenario.client.status).toMatchObject({ state: 'offline', retryAt: null });
  });
});

describe('closes', () => {
  test.each([
    ['1012 restarting', CLOSE.restarting, 250],
    ['4000 slow reader', CLOSE.slowReader, 250],
    ['4002 resync', CLOSE.resync, 250],
    ['4003 overloaded', CLOSE.overloaded, 1_250],
    ['4004 flooding', CLOSE.flooding, 1_250],
    ['4400, a code of a later version', 4400, 250],
  ])('[SDK-2] connects again after %s', async (_name, code, delayMs) => {
    scenario = await ClientScenario.start();
    await scenario.live();
    await closedBy(code, 'because');
    expect(scenario.client.status).toMatchObject({ state: 'offline', reason: 'because' });
    expect(delayToRetry()).toBe(delayMs);
    scenario.advanceToRetry();
    await scenario.untilState('live');
  });

  test('[SDK-2] backs off further after each failure, up to the cap', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    const delays: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      scenario.server.peer.cut();
      await scenario.untilState('offline');
      delays.push(delayToRetry());
      scenario.advanceToRetry();
      await scenario.untilState('live');
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  test('[SDK-8] starts the backoff anew after a connection that lived', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    for (const [livedMs, delayMs] of [
      [0, 250],
      [9_999, 500],
      [10_000, 250],
    ] as const) {
      scenario.clock.advance(livedMs);
      await closedBy(CLOSE.slowReader);
      expect(delayToRetry()).toBe(delayMs);
      scenario.advanceToRetry();
      await scenario.untilState('live');
    }
  });

  test('[SDK-3] waits as long as a restarting server asks', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.push({
      ch: 'session',
      kind: 'server.restarting',
      ts: 0,
      data: { reconnectAfterMs: 7_000 },
    });
    await closedBy(CLOSE.restarting);
    expect(delayToRetry()).toBe(7_250);
    scenario.advanceToRetry();
    await scenario.untilState('live');
    scenario.server.push({
      ch: 'session',
      kind: 'server.restarting',
      ts: 0,
      data: { reconnectAfterMs: 9e9 },
    });
    await closedBy(CLOSE.restarting);
    expect(delayToRetry()).toBe(60_500);
  });

  test('[SDK-4] has a new token before it comes back after 4001', async () => {
    const tokens = countedTokens();
    scenario = await ClientScenario.start({ tokens });
    await scenario.live();
    await closedBy(CLOSE.tokenExpired);
    scenario.advanceToRetry();
    await scenario.untilState('live');
    expect(tokens.refreshed).toEqual(['token1']);
    expect(scenario.server.peer.sent('session.authenticate')[0]?.args.token).toBe('token2');
  });

  test('[SDK-5] tries once with a new token after 4500', async () => {
    const tokens = countedTokens();
    scenario = await ClientScenario.start({ tokens });
    scenario.server.acceptsToken = (token) => token === 'token2';
    scenario.client.connect();
    await scenario.untilState('offline');
    scenario.advanceToRetry();
    await scenario.untilState('live');
    expect(tokens.refreshed).toEqual(['token1']);
  });

  test('[SDK-5] is logged out when the new token is refused too', async () => {
    const tokens = countedTokens();
    scenario = await ClientScenario.start({ tokens });
    scenario.server.acceptsToken = () => false;
    scenario.client.connect();
    await scenario.untilState('offline');
    scenario.advanceToRetry();
    await scenario.untilState('logged_out');
    expect(tokens.refreshed).toHaveLength(1);
    expect(scenario.client.status.retryAt).toBeNull();
    scenario.server.acceptsToken = () => true;
    await scenario.live();
  });

  test('[SDK-5] takes a refused authentication like its close', async () => {
    scenario = await ClientScenario.start({ tokens: countedTokens() });
    scenario.server.answer = (request) =>
      request.args.token === 'token1' ? { error: sampleError('unauthenticated', 'who?') } : undefined;
    scenario.client.connect();
    await until(() => scenario.client.status.reason === 'who?', 'the refusal');
    scenario.advanceToRetry();
    await scenario.untilState('live');
  });

  test.each([
    ['4501', CLOSE.revoked, 'logged_out'],
    ['4502', CLOSE.protocolViolation, 'offline'],
    ['4777, a code of a later version', 4777, 'offline'],
  ])('[SDK-6] does not come back after %s', async (_name, code, state) => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = () => 'silence';
    const waiting = expect(scenario.client.request('bots.list', {})).rejects.toBeInstanceOf(FillwireError);
    scenario.server.peer.close(code, 'enough');
    await scenario.untilState(state);
    expect(scenario.client.status).toMatchObject({ reason: 'enough', retryAt: null });
    await waiting;
    scenario.clock.advance(3_600_000);
    expect(scenario.server.peers).toHaveLength(1);
    scenario.server.answer = () => undefined;
    await scenario.live();
  });

  test('[SDK-7] comes back late after 4503', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    await closedBy(CLOSE.connectionLimit);
    expect(delayToRetry()).toBe(45_000);
  });

  test('[SDK-10] close() ends it for good', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = () => 'silence';
    const waiting = scenario.client.request('bots.stop', { botId: 'bot1' });
    scenario.client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'unknown_outcome' });
    expect(scenario.client.status).toMatchObject({ state: 'offline', retryAt: null, reason: null });
    await until(() => scenario.server.openPeers.length === 0, 'the socket is closed');
    scenario.clock.advance(3_600_000);
    expect(scenario.server.peers).toHaveLength(1);
    expect(scenario.clock.pending).toBe(0);
  });
});

describe('tokens', () => {
  test('[SDK-11] replaces the token on the open socket a minute before it expires', async () => {
    const tokens = countedTokens();
    scenario = await ClientScenario.start({ tokens });
    scenario.server.tokenLifetimeMs = 300_000;
    await scenario.live();
    await scenario.pass(239_999);
    expect(tokens.refreshed).toEqual([]);
    scenario.clock.advance(1);
    await until(() => scenario.server.sent('session.refresh').length === 1, 'the refresh');
    expect(scenario.server.peer.sent('session.refresh')[0]?.args).toEqual({ token: 'token2' });
    expect(scenario.server.peers).toHaveLength(1);
  });

  test('[SDK-11] replaces it once when the server says it is expiring', async () => {
    const tokens = countedTokens();
    scenario = await ClientScenario.start({ tokens });
    await scenario.live();
    const expiring = (expiresAt: number) =>
      scenario.server.push({ ch: 'session', kind: 'session.expiring', ts: 0, data: { expiresAt } });
    const expiresAt = scenario.clock.now() + scenario.server.tokenLifetimeMs;
    await scenario.pass(scenario.server.tokenLifetimeMs * 0.6);
    expiring(expiresAt);
    expiring(expiresAt);
    scenario.clock.advance(1_000);
    await until(() => scenario.server.sent('session.refresh').length === 1, 'the refresh');
    // Later news of the old token's end concern the new one no more.
    scenario.clock.advance(5_000);
    await scenario.roundTrip();
    expiring(expiresAt);
    await scenario.roundTrip();
    expect(tokens.refreshed).toEqual(['token1']);
  });

  test.each([30_000, 60_000])(
    '[MET-32] a token that lives %d ms is replaced once in half of that, whatever the server says of its end',
    async (lifetimeMs) => {
      const tokens = countedTokens();
      scenario = await ClientScenario.start({ tokens });
      const { server, clock } = scenario;
      server.tokenLifetimeMs = lifetimeMs;
      await scenario.live();
      for (let round = 1; round <= 3; round += 1) {
        // As the server does with every token that ends within a minute.
        const data = { expiresAt: clock.now() + lifetimeMs };
        server.push({ ch: 'session', kind: 'session.expiring', ts: 0, data });
        await scenario.pass(lifetimeMs / 2 - 1);
        await scenario.roundTrip();
        expect(tokens.refreshed).toHaveLength(round - 1);
        clock.advance(1);
        await until(() => server.sent('session.refresh').length === round, 'the refresh');
        await scenario.roundTrip();
      }
    },
  );

  test('[SDK-11] asks again soon when a refresh fails, without losing the connection', async () => {
    let failures = 2;
    const tokens = countedTokens();
    scenario = await ClientScenario.start({
      tokens: {
        current: tokens.current,
        refresh: async (stale) => {
          if (failures-- > 0) throw new FillwireError(sampleError('unavailable', 'down'));
          return tokens.refresh(stale);
        },
      },
    });
    scenario.server.tokenLifetimeMs = 100_000;
    await scenario.live();
    // Half the life of a token that lives less than twice the usual margin.
    await scenario.pass(50_000);
    await until(() => failures === 1, 'first failure');
    await scenario.roundTrip();
    scenario.clock.advance(1_000);
    await until(() => failures === 0, 'second failure');
    await scenario.roundTrip();
    scenario.clock.advance(1_000);
    await until(() => scenario.server.sent('session.refresh').length === 1, 'the refresh');
    expect(scenario.server.peers).toHaveLength(1);
  });

  test('[SDK-12] is logged out when the token source is', async () => {
    scenario = await ClientScenario.start({
      tokens: {
        current: () => Promise.reject(new FillwireError(sampleError('unauthenticated', 'logged out'))),
        refresh: () => Promise.reject(new Error('not asked')),
      },
    });
    scenario.client.connect();
    await scenario.untilState('logged_out');
    expect(scenario.server.peers).toHaveLength(0);
  });

  test('[SDK-12] tries again when no token can be had for now', async () => {
    let reachable = false;
    scenario = await ClientScenario.start({
      tokens: {
        current: () => (reachable ? Promise.resolve('token1') : Promise.reject(new Error('unreachable'))),
        refresh: () => Promise.reject(new Error('not asked')),
      },
    });
    scenario.client.connect();
    await until(() => scenario.client.status.reason === 'unreachable', 'the failure');
    reachable = true;
    scenario.advanceToRetry();
    await scenario.untilState('live');
  });

  test('[SDK-77] two clients of two users share nothing', async () => {
    scenario = await ClientScenario.start();
    const other = await ClientScenario.start({ tokens: countedTokens() });
    try {
      await scenario.live();
      await other.live();
      other.server.commit({ kind: 'BotDeleted', data: { botId: 'x' } });
      await other.caughtUp();
      other.server.peer.close(CLOSE.revoked);
      await other.untilState('logged_out');
      expect(scenario.client.position?.seq).toBe(0);
      expect(scenario.changes).toEqual([{ frames: 'snapshot' }]);
      expect(scenario.state()).toBe('live');
      expect(scenario.client.view).not.toBe(other.client.view);
    } finally {
      await other.stop();
    }
  });
});
