import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AuthServer } from '../../server/testing/sdk/authServer.ts';
import { ScriptedServer } from '../../server/testing/sdk/scriptedServer.ts';
import { until } from '../../server/testing/sdk/until.ts';
import { ManualClock } from '../../server/testing/venue/manualClock.ts';
import {
  type Auth,
  type AuthOptions,
  type AuthSession,
  createAuth,
  memoryStorage,
  webStorage,
} from './auth.ts';
import { createClient } from './client.ts';
import { FillwireError } from './fillwireError.ts';
import { nodeWebSocket } from './nodeWebSocket.ts';

const LOGIN = {
  email: 'a@example.com',
  password: 'correct',
  device: { id: 'd1', name: 'Test', kind: 'program' },
} as const;
const ACCESS_LIFETIME_MS = 900_000;

let server: AuthServer;
let clock: ManualClock;
beforeEach(async () => {
  server = await AuthServer.start();
  clock = new ManualClock();
});
afterEach(() => server.stop());

const auth = (options: Partial<AuthOptions> = {}): Auth =>
  createAuth({ url: server.url, storage: memoryStorage(), mode: 'token', clock, ...options });

/** A browser's fetch as far as cookies go: one jar for all that use it. */
function browserFetch(): typeof fetch {
  let jar: string | undefined;
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    if (jar !== undefined && init?.credentials === 'same-origin') headers.set('cookie', jar);
    const response = await fetch(input, { ...init, headers });
    const given = response.headers.get('set-cookie');
    if (given !== null) jar = given.split(';')[0];
    return response;
  };
}

/** What `navigator.locks.request` does. */
function lock() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(_name: string, task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task, task);
    last = turn.catch(() => {});
    return turn;
  };
}

describe('login', () => {
  test('gives the session and a token; a wrong password is told', async () => {
    const mine = auth();
    expect(mine.session).toBeUndefined();
    await expect(mine.login({ ...LOGIN, password: 'wrong' })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const told: (AuthSession | undefined)[] = [];
    mine.onSession((session) => told.push(session));
    const session = await mine.login(LOGIN);
    expect(session).toEqual({
      userId: 'user1',
      role: 'user',
      sessionId: 'session1',
      deviceId: 'device1',
      email: 'a@example.com',
    });
    expect(mine.session).toEqual(session);
    expect(told).toEqual([session]);
    expect(await mine.current()).toBe('access1');
    expect(server.sent('/auth/login')[1]?.body).toEqual({ ...LOGIN, refresh_token_in: 'body' });
  });

  test('registering is a login too', async () => {
    const mine = auth();
    await mine.register(LOGIN);
    expect(await mine.current()).toBe('access1');
    expect(server.sent('/auth/register')).toHaveLength(1);
  });

  test('[SDK-76] survives a restart through its storage', async () => {
    const storage = memoryStorage();
    const before = auth({ storage });
    const session = await before.login(LOGIN);
    const after = auth({ storage });
    expect(await after.restore()).toEqual(session);
    expect(await after.current()).toBe('access1');
    clock.advance(ACCESS_LIFETIME_MS);
    const later = auth({ storage });
    expect(await later.restore()).toEqual(session);
    expect(await later.current()).toBe('access2');
  });

  test.each(['{"accessToken":1}', 'not json', '[]'])(
    '[SDK-76] damaged storage (%s) is logged out',
    async (text) => {
      const storage = memoryStorage();
      storage.set(text);
      const mine = auth({ storage });
      expect(mine.session).toBeUndefined();
      expect(await mine.restore()).toBeUndefined();
      await expect(mine.current()).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );

  test('[SDK-76] a browser that refuses storage still has a session', async () => {
    const refuse = () => {
      throw new Error('storage is off');
    };
    const storage = webStorage({ getItem: refuse, setItem: refuse, removeItem: refuse });
    const mine = auth({ storage });
    await mine.login(LOGIN);
    clock.advance(ACCESS_LIFETIME_MS);
    expect(await mine.current()).toBe('access2');
    await mine.logout();
    expect(storage.get()).toBeNull();
  });

  test('web storage keeps it under its key', () => {
    const map = new Map<string, string>();
    const storage = webStorage(
      {
        getItem: (key) => map.get(key) ?? null,
        setItem: (key, value) => void map.set(key, value),
        removeItem: (key) => void map.delete(key),
      },
      'k',
    );
    storage.set('x');
    expect([...map]).toEqual([['k', 'x']]);
    expect(storage.get()).toBe('x');
    storage.set(null);
    expect(map.size).toBe(0);
  });
});

describe('refresh', () => {
  test('[SDK-70] ten callers at once are one POST', async () => {
    const mine = auth();
    await mine.login(LOGIN);
    clock.advance(ACCESS_LIFETIME_MS);
    const tokens = await Promise.all(Array.from({ length: 10 }, () => mine.current()));
    expect(new Set(tokens)).toEqual(new Set(['access2']));
    expect(await mine.refresh('access1')).toBe('access2');
    expect(server.sent('/auth/refresh')).toHaveLength(1);
    expect(await mine.refresh('access2')).toBe('access3');
  });

  test('[SDK-70] ten tabs that share lock and storage are one POST', async () => {
    const storage = memoryStorage();
    const withLock = lock();
    await auth({ storage }).login(LOGIN);
    const tabs = Array.from({ length: 10 }, () => auth({ storage, withLock }));
    clock.advance(ACCESS_LIFETIME_MS);
    const tokens = await Promise.all(tabs.map((tab) => tab.current()));
    expect(new Set(tokens)).toEqual(new Set(['access2']));
    expect(server.sent('/auth/refresh')).toHaveLength(1);
  });

  test('[SDK-70] ten cookie tabs without shared storage take turns, and all stay logged in', async () => {
    const fetchHere = browserFetch();
    const withLock = lock();
    const tab = () => auth({ mode: 'cookie', fetch: fetchHere, withLock });
    await tab().login(LOGIN);
    const tabs = Array.from({ length: 10 }, tab);
    const sessions = await Promise.all(tabs.map((each) => each.restore()));
    expect(sessions.every((session) => session?.userId === 'user1')).toBe(true);
    expect(server.sent('/auth/refresh')).toHaveLength(10);
  });

  test('[SDK-70] ten clients of one login, cut off with an expired token, come back with one POST', async () => {
    const mine = auth();
    await mine.login(LOGIN);
    const sockets = await ScriptedServer.start(() => clock.now());
    sockets.acceptsToken = (token) => token === `access${server.issuedCount}`;
    const clients = Array.from({ length: 10 }, (_, n) =>
      createClient({
        url: sockets.url,
        device: { id: `d${n}`, name: 'Test', kind: 'program' },
        tokens: mine,
        webSocket: nodeWebSocket,
        clock,
        random: () => 0,
      }),
    );
    try {
      for (const client of clients) client.connect();
      await until(() => clients.every(({ status }) => status.state === 'live'), 'all are live');
      for (const peer of sockets.openPeers) peer.close(4001);
      await until(() => clients.every(({ status }) => status.state === 'offline'), 'all are cut off');
      clock.advance(0);
      await until(() => clients.every(({ status }) => status.state === 'live'), 'all are live again');
      expect(server.sent('/auth/refresh')).toHaveLength(1);
    } finally {
      for (const client of clients) client.close();
      await sockets.stop();
    }
  });

  test('[SDK-71] refused: logged out, and told', async () => {
    const mine = auth();
    await mine.login(LOGIN);
    const told: (AuthSession | undefined)[] = [];
    mine.onSession((session) => told.push(session));
    server.good.clear();
    clock.advance(ACCESS_LIFETIME_MS);
    await expect(mine.current()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(mine.session).toBeUndefined();
    expect(told).toEqual([undefined]);
  });

  test.each([
    ['an unreachable server', undefined, 'unavailable'],
    ['a proxy without a server', { status: 502, body: '<html>' }, 'unavailable'],
    ['too many requests', { status: 429, body: '' }, 'rate_limited'],
    ['an answer that is none', { status: 200, body: '{}' }, 'internal'],
  ] as const)('[SDK-71] %s does not log out', async (_name, outage, code) => {
    const mine = auth({
      fetch: (input, init) =>
        outage === undefined && server.issuedCount > 0
          ? Promise.reject(new TypeError('failed'))
          : fetch(input, init),
    });
    const session = await mine.login(LOGIN);
    server.outage = outage;
    clock.advance(ACCESS_LIFETIME_MS);
    await expect(mine.current()).rejects.toMatchObject({ code });
    await expect(mine.restore()).rejects.toBeInstanceOf(FillwireError);
    expect(mine.session).toEqual(session);
  });

  test('[SDK-71] a server that does not answer is given up, and asked again', async () => {
    const mine = auth();
    await mine.login(LOGIN);
    server.outage = 'hang';
    clock.advance(ACCESS_LIFETIME_MS);
    const refused = expect(mine.current()).rejects.toMatchObject({ code: 'unavailable' });
    await until(() => server.sent('/auth/refresh').length === 1, 'it was asked');
    clock.advance(10_000);
    await refused;
    server.outage = undefined;
    expect(await mine.current()).toBe('access2');
  });

  test('[SDK-72] with a cookie, no refresh token is kept or sent by the script', async () => {
    const storage = memoryStorage();
    const mine = auth({ storage, mode: 'cookie', fetch: browserFetch() });
    await mine.login(LOGIN);
    expect(storage.get()).not.toContain('refresh1');
    clock.advance(ACCESS_LIFETIME_MS);
    expect(await mine.current()).toBe('access2');
    expect(server.sent('/auth/refresh')).toEqual([
      { path: '/auth/refresh', body: { refresh_token_in: 'cookie' }, cookie: 'refresh1' },
    ]);
  });

  test('[SDK-73] a logout is not undone by a refresh that was under way', async () => {
    const storage = memoryStorage();
    const mine = auth({ storage });
    await mine.login(LOGIN);
    clock.advance(ACCESS_LIFETIME_MS);
    const refreshing = expect(mine.current()).rejects.toMatchObject({ code: 'unauthenticated' });
    await mine.logout();
    await refreshing;
    expect(mine.session).toBeUndefined();
    expect(storage.get()).toBeNull();
  });

  test('[SDK-78] another user who logs in beside it is never taken for this one', async () => {
    const storage = memoryStorage();
    const mine = auth({ storage });
    await mine.login(LOGIN);
    const told: (AuthSession | undefined)[] = [];
    mine.onSession((session) => told.push(session));
    server.userId = 'user2';
    const theirs = auth({ storage });
    await theirs.login({ ...LOGIN, email: 'b@example.com' });
    await expect(mine.refresh('access1')).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(mine.session).toBeUndefined();
    expect(told).toEqual([undefined]);
    expect(await auth({ storage }).restore()).toMatchObject({ userId: 'user2', email: 'b@example.com' });
    expect(await theirs.current()).toBe('access2');
  });

  test('[SDK-78] nor does the cookie of another user carry it on', async () => {
    const fetchHere = browserFetch();
    const tab = () => auth({ mode: 'cookie', fetch: fetchHere });
    const mine = tab();
    await mine.login(LOGIN);
    server.userId = 'user2';
    await tab().login({ ...LOGIN, email: 'b@example.com' });
    clock.advance(ACCESS_LIFETIME_MS);
    await expect(mine.current()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(mine.session).toBeUndefined();
    expect(await tab().restore()).toMatchObject({ userId: 'user2', email: null });
  });

  test('a logout ends the session at the server too, and never fails', async () => {
    const mine = auth();
    await mine.login(LOGIN);
    await mine.logout();
    expect(server.good.size).toBe(0);
    server.outage = { status: 500, body: '' };
    await mine.logout();
    expect(mine.session).toBeUndefined();
  });
});

test('[SDK-74] tokens are in no address and no error message', async () => {
  const addresses: string[] = [];
  const storage = memoryStorage();
  const mine = auth({
    storage,
    fetch: (input, init) => {
      addresses.push(String(input));
      return fetch(input, init);
    },
  });
  await mine.login(LOGIN);
  server.outage = { status: 500, body: 'refresh1 access1' };
  clock.advance(ACCESS_LIFETIME_MS);
  const error = await mine.current().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FillwireError);
  const said = JSON.stringify([String(error), (error as FillwireError).details, addresses]);
  expect(said).not.toMatch(/access1|refresh1|correct/);
});

test('[SDK-75] needs nothing that a plain-HTTP page does not have', async () => {
  const { getRandomValues } = globalThis.crypto;
  vi.stubGlobal('crypto', { getRandomValues: getRandomValues.bind(globalThis.crypto) });
  vi.stubGlobal('navigator', {});
  const sockets = await ScriptedServer.start(() => clock.now());
  try {
    const mine = auth();
    await mine.login(LOGIN);
    clock.advance(ACCESS_LIFETIME_MS);
    const client = createClient({
      url: sockets.url,
      device: () => ({ id: mine.session?.deviceId ?? '', name: 'Test', kind: 'program' }),
      tokens: mine,
      webSocket: nodeWebSocket,
      clock,
    });
    client.connect();
    await until(() => client.status.state === 'live', 'live');
    expect(client.hash()).toBe(sockets.hash);
    sockets.answer = (request) =>
      request.op === 'bots.stop' ? { result: { status: 'accepted', seq: 1 } } : undefined;
    await client.request('bots.stop', { botId: 'bot1' });
    expect(sockets.sent('session.authenticate')[0]?.args.device).toMatchObject({ id: 'device1' });
    client.close();
  } finally {
    vi.unstubAllGlobals();
    await sockets.stop();
  }
});
