import { SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryIdentityStore } from '../adapters/memory/identityStore.ts';
import type { Authenticator, IssuedTokens, IssueResult } from '../ports/authenticator.ts';
import type { BusMessage } from '../ports/eventBus.ts';
import { RecordingLogger } from '../testing/recordingLogger.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { createIdentity, type IdentityConfig } from './createIdentity.ts';

const SECRET = 'a secret of a test that is long enough, 32 bytes and more';
const ADA = { email: 'ada@example.com', password: 'correct horse battery', device: undefined };
const MINUTE = 60_000;

let clock: ManualClock;
let store: MemoryIdentityStore;
let published: BusMessage[];
let identity: Authenticator;

function create(config: Partial<IdentityConfig> = {}): Authenticator {
  return createIdentity({
    store,
    clock,
    logger: new RecordingLogger(),
    publisher: { isConnected: true, publish: (message) => published.push(message) },
    secrets: { jwtSecret: SECRET },
    config,
  });
}
beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryIdentityStore();
  published = [];
  identity = create();
});

function issued(result: IssueResult): IssuedTokens {
  if (!result.ok) throw new Error(result.error.message);
  return result.tokens;
}
const register = async (email = ADA.email): Promise<IssuedTokens> =>
  issued(await identity.register({ code: undefined, ...ADA, email }));
const refresh = async (token: string): Promise<IssuedTokens> => issued(await identity.refresh(token));
const reasonOf = async (token: string): Promise<unknown> => {
  const result = await identity.refresh(token);
  return result.ok ? 'good' : (result.error.details as { reason?: unknown }).reason;
};

describe('accounts', () => {
  it('[AUTH-1] the first is the admin; an email is taken in whatever spelling', async () => {
    expect((await register()).grant.role).toBe('admin');
    expect((await register('bob@example.com')).grant.role).toBe('user');
    expect(await identity.register({ code: undefined, ...ADA, email: ' ADA@example.com ' })).toMatchObject({
      ok: false,
      error: { code: 'bad_request', details: { issues: [{ path: 'email' }] } },
    });
  });

  it('[AUTH-2] passwords are stored as argon2id and never as they are', async () => {
    await register();
    const user = await store.userByEmail(ADA.email);
    expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(user)).not.toContain(ADA.password);
  });

  it('[AUTH-3] a password is refused for being short, huge, the email, common, or one letter, each with its reason', async () => {
    const cases = [
      { password: 'nine char', text: 'at least 10' },
      { password: 'x7'.repeat(200), text: 'at most 256' },
      { password: 'ADA@example.com', text: 'email' },
      { password: 'Password123', text: 'attackers' },
      { password: 'ababababababab', text: 'repeats' },
    ];
    for (const { password, text } of cases) {
      const result = await identity.register({ code: undefined, ...ADA, password });
      if (result.ok) throw new Error(`${password} was accepted`);
      expect(result.error.details).toMatchObject({ issues: [{ path: 'password' }] });
      expect(result.error.message).toContain(text);
    }
    for (const email of ['', 'ada', '@example.com', 'a b@example.com', `${'a'.repeat(300)}@example.com`]) {
      expect(await identity.register({ code: undefined, ...ADA, email })).toMatchObject({
        error: { details: { issues: [{ path: 'email' }] } },
      });
    }
    // Ten characters as a person counts them.
    expect((await identity.register({ code: undefined, ...ADA, password: '비밀번호는열글자이상' })).ok).toBe(
      true,
    );
  });

  it('[AUTH-4] a wrong password and an unknown user get the same answer after the same work', async () => {
    await register();
    const wrong = await identity.login({ ...ADA, password: 'wrong horse battery' });
    const unknown = await identity.login({ ...ADA, email: 'eve@example.com' });
    expect(wrong).toEqual(unknown);
    expect(wrong).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
  });

  it('[AUTH-5] so many hash at once, so many wait, the next is told to come again', async () => {
    identity = create({ hasher: { concurrent: 1, queued: 2 } });
    const results = await Promise.all(Array.from({ length: 5 }, () => identity.login(ADA)));
    const codes = results.map((result) => (result.ok ? 'ok' : result.error.code));
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(2);
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(3);
  });

  it('[AUTH-6] a suspended user neither logs in nor refreshes, and its access token counts no more', async () => {
    const tokens = await register();
    const user = await store.userById(tokens.grant.userId);
    if (user === undefined) throw new Error('no user');
    const suspended = { ...user, status: 'suspended' as const };
    store.userById = async () => suspended;
    store.userByEmail = async () => suspended;
    expect(await identity.login(ADA)).toMatchObject({ error: { code: 'forbidden' } });
    expect(await reasonOf(tokens.refreshToken)).toBe('revoked');
    expect(await identity.verifyAccess(tokens.accessToken)).toEqual({ ok: false, reason: 'revoked' });
  });
});

describe('access tokens', () => {
  it('[AUTH-7] say who, which login and device, and end after 15 minutes', async () => {
    const { accessToken, grant } = await register();
    expect(await identity.verifyAccess(accessToken)).toEqual({ ok: true, grant });
    expect(grant.expiresAt).toBe(clock.now() + 15 * MINUTE);
    clock.advance(15 * MINUTE + 1_000);
    expect(await identity.verifyAccess(accessToken)).toEqual({ ok: false, reason: 'expired' });
  });

  it('[AUTH-8] nothing else is one: refresh tokens, other kinds, other keys, other algorithms, changed ones', async () => {
    const { accessToken, refreshToken, grant } = await register();
    const key = new TextEncoder().encode(SECRET);
    const claims = {
      typ: 'access',
      sid: grant.sessionId,
      did: grant.deviceId,
      role: 'admin',
      scope: 'trade',
    };
    const sign = (payload: object, header: object, by: Uint8Array): Promise<string> =>
      new SignJWT({ ...payload })
        .setProtectedHeader({ alg: 'HS256', ...header })
        .setIssuer('fillwire')
        .setSubject(grant.userId)
        .setExpirationTime(Math.floor(clock.now() / 1_000) + 60)
        .sign(by);
    const [, payload = '', signature = ''] = accessToken.split('.');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    const forged = [
      refreshToken,
      await sign({ ...claims, typ: 'refresh' }, { typ: 'at+jwt' }, key),
      await sign(claims, { typ: 'JWT' }, key),
      await sign(
        claims,
        { typ: 'at+jwt' },
        new TextEncoder().encode('another secret of the same length, 32 bytes +'),
      ),
      await sign(claims, { typ: 'at+jwt', alg: 'HS512' }, new Uint8Array(64)),
      `${unsigned}.${payload}.`,
      `${unsigned}.${payload}.${signature}`,
      `${accessToken}x`,
      '',
    ];
    for (const token of forged)
      expect(await identity.verifyAccess(token)).toEqual({ ok: false, reason: 'invalid' });
    expect(await identity.verifyAccess(await sign(claims, { typ: 'at+jwt' }, key))).toMatchObject({
      ok: true,
    });
  });

  it('[AUTH-8] an access token is no refresh token', async () => {
    const { accessToken } = await register();
    expect(await reasonOf(accessToken)).toBe('invalid');
  });
});

describe('refresh tokens', () => {
  it('[AUTH-9] are opaque, stored only as a hash, and last 30 days from each use', async () => {
    const first = await register();
    expect(first.refreshToken).toMatch(/^fwr_/);
    const session = await store.session(first.grant.sessionId);
    expect(JSON.stringify(session)).not.toContain(first.refreshToken.split('.')[1]);
    clock.advance(29 * 86_400_000);
    const second = await refresh(first.refreshToken);
    expect(second.refreshLifetimeMs).toBe(30 * 86_400_000);
    clock.advance(30 * 86_400_000);
    expect(await reasonOf(second.refreshToken)).toBe('expired');
  });

  it('[AUTH-10] the immediate predecessor gets the same successor for 30 s, however many ask at once', async () => {
    const first = await register();
    const tabs = await Promise.all(Array.from({ length: 10 }, () => refresh(first.refreshToken)));
    const successors = new Set(tabs.map(({ refreshToken }) => refreshToken));
    expect(successors.size).toBe(1);
    clock.advance(30_000);
    expect((await refresh(first.refreshToken)).refreshToken).toBe([...successors][0]);
    const other = create();
    expect(issued(await other.refresh(first.refreshToken)).refreshToken).toBe([...successors][0]);
    expect((await refresh([...successors][0] ?? '')).refreshToken).not.toBe([...successors][0]);
  });

  it('[AUTH-11] an older one revokes its session and its sockets, and no other login', async () => {
    const first = await register();
    const elsewhere = issued(await identity.login(ADA));
    const second = await refresh(first.refreshToken);
    const third = await refresh(second.refreshToken);
    expect(await reasonOf(first.refreshToken)).toBe('reused');
    const { userId, sessionId } = first.grant;
    expect(published).toEqual([{ type: 'revoked', userId, sessionId, deviceId: null }]);
    expect(await reasonOf(third.refreshToken)).toBe('revoked');
    expect(await identity.verifyAccess(third.accessToken)).toEqual({ ok: false, reason: 'revoked' });
    expect(await reasonOf(elsewhere.refreshToken)).toBe('good');
  });

  it('[AUTH-11] the predecessor counts as an older one after its 30 s', async () => {
    const first = await register();
    await refresh(first.refreshToken);
    clock.advance(30_001);
    expect(await reasonOf(first.refreshToken)).toBe('reused');
  });

  it('[AUTH-12] made-up ones are refused and revoke nothing, even with the id of a real session', async () => {
    const { refreshToken, grant } = await register();
    const [head = '', secret = '', seal = ''] = refreshToken.split('.');
    const madeUp = [
      'fwr_x',
      `fwr_${grant.sessionId}.${'A'.repeat(43)}.${'A'.repeat(22)}`,
      `${head}.${secret}.${'A'.repeat(22)}`,
      `${head}.${'A'.repeat(43)}.${seal}`,
      `fwr_other.${secret}.${seal}`,
    ];
    for (const token of madeUp) expect(await reasonOf(token)).toBe('invalid');
    expect(published).toEqual([]);
    expect(await reasonOf(refreshToken)).toBe('good');
  });

  it('[AUTH-13] logout ends the session and its sockets; again, or with nonsense, it changes nothing', async () => {
    const { refreshToken, grant } = await register();
    for (const token of [refreshToken, refreshToken, 'nonsense']) await identity.logout(token);
    expect(published).toHaveLength(1);
    expect(published[0]).toMatchObject({ type: 'revoked', sessionId: grant.sessionId });
    expect(await reasonOf(refreshToken)).toBe('revoked');
  });
});

describe('devices', () => {
  const phone = { id: 'phone', name: 'Phone', kind: 'phone' } as const;

  it('[AUTH-14] are kept at login and authentication, newest first, and never another user’s', async () => {
    const ada = issued(await identity.register({ code: undefined, ...ADA, device: phone }));
    const bob = await register('bob@example.com');
    clock.advance(1_000);
    await identity.claimDevice(ada.grant, { id: 'pc', name: 'PC', kind: 'desktop' });
    clock.advance(1_000);
    await identity.claimDevice(ada.grant, undefined);
    const devices = await identity.listDevices(ada.grant.userId);
    expect(devices.map(({ deviceId, lastSeenAt }) => [deviceId, lastSeenAt])).toEqual([
      ['phone', clock.now()],
      ['pc', clock.now() - 1_000],
    ]);
    expect(await identity.listDevices(bob.grant.userId)).toHaveLength(1);
    expect(await identity.revokeDevice(bob.grant.userId, 'phone')).toBe(false);
  });

  it('[AUTH-15] revoking one ends its logins and sockets; it comes back only by a new login, under a new id', async () => {
    const ada = issued(await identity.register({ code: undefined, ...ADA, device: phone }));
    const { userId } = ada.grant;
    expect(await identity.revokeDevice(userId, 'phone')).toBe(true);
    expect(published).toEqual([{ type: 'revoked', userId, deviceId: 'phone', sessionId: null }]);
    expect(await reasonOf(ada.refreshToken)).toBe('revoked');
    expect(await identity.verifyAccess(ada.accessToken)).toEqual({ ok: false, reason: 'revoked' });
    expect(await identity.listDevices(userId)).toEqual([]);
    const again = issued(await identity.login({ ...ADA, device: phone }));
    expect(again.grant.deviceId).not.toBe('phone');
    expect(await identity.claimDevice(again.grant, phone)).toMatchObject({
      deviceId: again.grant.deviceId,
      name: 'Phone',
    });
  });
});
