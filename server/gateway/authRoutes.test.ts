import { describe, expect, it } from 'vitest';
import { httpErrorSchema, type Tokens, tokensSchema } from '../../shared/protocol/auth.ts';
import type { GatewayWorld } from '../testing/gatewayWorld.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

const ADA = { email: 'ada@example.com', password: 'correct horse battery' };

function post(
  world: GatewayWorld,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`http://127.0.0.1:${world.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
async function tokensOf(response: Response): Promise<Tokens> {
  expect(response.status).toBe(200);
  return tokensSchema.parse(await response.json());
}
async function errorOf(response: Response) {
  return httpErrorSchema.parse(await response.json()).error;
}

describe('register and login', () => {
  it('[HTTP-1] give tokens with lifetimes that open a socket; the first account is the admin, with a desk', async () => {
    const world = await start({ clock: new ManualClock() });
    const device = { id: 'pc', name: 'PC', kind: 'desktop' };
    const registered = await tokensOf(await post(world, '/auth/register', { ...ADA, device }));
    expect(registered).toMatchObject({
      role: 'admin',
      device_id: 'pc',
      expires_in: 900,
      refresh_expires_in: 2_592_000,
    });
    expect(world.desks.opened).toContain(registered.user_id);
    const second = await tokensOf(await post(world, '/auth/register', { ...ADA, email: 'bob@example.com' }));
    expect(second.role).toBe('user');
    const login = await tokensOf(await post(world, '/auth/login', { ...ADA, email: ' Ada@Example.com ' }));
    expect(login.user_id).toBe(registered.user_id);
    const client = await world.connect();
    expect((await client.authenticate(login.access_token)).ok).toBe(true);
  });

  it('[HTTP-1] answer a wrong password and an unknown user alike', async () => {
    const world = await start();
    await post(world, '/auth/register', ADA);
    const wrong = await post(world, '/auth/login', { ...ADA, password: 'wrong horse battery' });
    const unknown = await post(world, '/auth/login', { ...ADA, email: 'eve@example.com' });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await unknown.text());
  });

  it('[HTTP-2] say which field is wrong and why', async () => {
    const world = await start();
    const cases = [
      { body: { ...ADA, password: 'short' }, text: 'at least 10' },
      { body: { ...ADA, email: 'nobody' }, text: 'email address' },
      { body: { ...ADA, admin: true }, text: 'admin: unknown field' },
      { body: { email: ADA.email }, text: 'password' },
      { body: '{', text: 'not JSON' },
      { body: '[]', text: 'object' },
    ];
    for (const { body, text } of cases) {
      const response = await post(world, '/auth/register', body);
      expect(response.status).toBe(400);
      expect((await errorOf(response)).message).toContain(text);
    }
    await post(world, '/auth/register', ADA);
    expect((await errorOf(await post(world, '/auth/register', ADA))).message).toContain('exists already');
  });

  it('[HTTP-2] refuse bodies above 16 KB, other types, and other methods', async () => {
    const world = await start();
    const large = await post(world, '/auth/login', { ...ADA, password: 'x'.repeat(20_000) });
    expect(large.status).toBe(413);
    expect((await post(world, '/auth/login', ADA, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await fetch(`http://127.0.0.1:${world.port}/auth/login`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${world.port}/auth/login`, { method: 'PUT' })).status).toBe(405);
  });

  it('[HTTP-3] limit the attempts of one address, saying how long to wait', async () => {
    const world = await start({ limits: { credentialsPerMinute: 2 } });
    for (let n = 0; n < 2; n += 1) expect((await post(world, '/auth/login', ADA)).status).toBe(401);
    const refused = await post(world, '/auth/login', ADA);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await errorOf(refused)).toMatchObject({
      code: 'rate_limited',
      details: { retryAfterMs: expect.any(Number) },
    });
    // A refresh is not an attempt to guess.
    expect((await post(world, '/auth/refresh', { refresh_token: 'x' })).status).toBe(401);
  });

  it('[HTTP-4] refuse other origins, and let listed ones in without cookies', async () => {
    const world = await start({ config: { allowedOrigins: ['https://desk.example.com'] } });
    expect((await post(world, '/auth/login', ADA, { origin: 'https://evil.example.com' })).status).toBe(403);
    const listed = { origin: 'https://desk.example.com' };
    const response = await post(world, '/auth/register', ADA, listed);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://desk.example.com');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await post(world, '/auth/login', { ...ADA, refresh_token_in: 'cookie' }, listed)).status).toBe(
      403,
    );

    const preflight = (origin: string) =>
      fetch(`http://127.0.0.1:${world.port}/auth/login`, { method: 'OPTIONS', headers: { origin } });
    const allowed = await preflight('https://desk.example.com');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-methods')).toBe('POST');
    expect((await preflight('https://evil.example.com')).status).toBe(403);
  });
});

describe('refresh and logout', () => {
  it('[HTTP-5] rotate a token from the body', async () => {
    const world = await start();
    const first = await tokensOf(await post(world, '/auth/register', ADA));
    const second = await tokensOf(await post(world, '/auth/refresh', { refresh_token: first.refresh_token }));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(second.session_id).toBe(first.session_id);
    expect((await post(world, '/auth/refresh', {})).status).toBe(400);
  });

  it('[HTTP-6] keep a browser’s token in a cookie that scripts and other sites never see', async () => {
    const world = await start({ clock: new ManualClock(), config: { secureCookies: true } });
    const secure = { origin: `https://127.0.0.1:${world.port}` };
    const login = await post(world, '/auth/register', { ...ADA, refresh_token_in: 'cookie' }, secure);
    const cookie = login.headers.get('set-cookie') ?? '';
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/auth', 'Secure', 'Max-Age=2592000']) {
      expect(cookie).toContain(attribute);
    }
    expect((await tokensOf(login)).refresh_token).toBeUndefined();
    const pair = cookie.split(';')[0] ?? '';
    const body = { refresh_token_in: 'cookie' };
    for (const origin of [{}, { origin: 'https://evil.example.com' }]) {
      expect((await post(world, '/auth/refresh', body, { cookie: pair, ...origin })).status).toBe(403);
    }
    const refreshed = await post(world, '/auth/refresh', body, {
      cookie: `a=b; ${pair}`,
      ...secure,
    });
    const next = refreshed.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(refreshed.status).toBe(200);
    expect(next).not.toBe(pair);
    expect((await post(world, '/auth/refresh', body, secure)).status).toBe(401);

    const out = await post(world, '/auth/logout', body, { cookie: next, ...secure });
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await post(world, '/auth/refresh', body, { cookie: next, ...secure })).status).toBe(401);
  });

  it('[HTTP-7] ten tabs refreshing at once all stay logged in, and so does a lost answer', async () => {
    const world = await start();
    const first = await tokensOf(await post(world, '/auth/register', ADA));
    const body = { refresh_token: first.refresh_token };
    const tabs = await Promise.all(Array.from({ length: 10 }, () => post(world, '/auth/refresh', body)));
    const answers = await Promise.all(tabs.map(tokensOf));
    expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    for (const { access_token } of answers) {
      const client = await world.connect();
      expect((await client.authenticate(access_token)).ok).toBe(true);
    }
    await tokensOf(await post(world, '/auth/refresh', body));
    await tokensOf(await post(world, '/auth/refresh', { refresh_token: answers[0]?.refresh_token }));
  });

  it('[HTTP-8] answer unavailable while the store is away', async () => {
    const world = await start();
    world.store.userByEmail = () => Promise.reject(new Error('away'));
    const response = await post(world, '/auth/login', ADA);
    expect(response.status).toBe(503);
    expect(await errorOf(response)).toMatchObject({ code: 'unavailable', retryable: true });
  });
});
