import { describe, expect, it } from 'vitest';
import type { GatewayWorld, WorldOptions } from '../testing/gatewayWorld.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const MINUTE = 60_000;
const start = worldStarter();
async function startWithClock(
  options: WorldOptions = {},
): Promise<{ world: GatewayWorld; clock: ManualClock }> {
  const clock = new ManualClock();
  return { world: await start({ clock, ...options }), clock };
}

describe('upgrade', () => {
  it('[WS-1] admits programs without Origin, pages of the same host, and listed origins', async () => {
    const world = await start({ config: { allowedOrigins: ['https://desk.example.com'] } });
    const origins = [undefined, `http://127.0.0.1:${world.port}`, 'https://desk.example.com'];
    for (const origin of origins) {
      const client = await world.connect(origin === undefined ? {} : { origin });
      expect(client.refusedWith).toBeNull();
      expect((await client.request('ping', {})).ok).toBe(false);
    }
  });

  it('[WS-1] refuses other origins, unknown subprotocols and other paths before there is a socket', async () => {
    const world = await start({ config: { allowedOrigins: ['https://desk.example.com'] } });
    expect((await world.connect({ origin: 'https://evil.example.com' })).refusedWith).toBe(403);
    expect((await world.connect({ origin: 'null' })).refusedWith).toBe(403);
    expect((await world.connect({ protocol: 'fillwire.v9.json' })).refusedWith).toBe(400);
    expect((await world.connect({ path: '/other' })).refusedWith).toBe(404);
  });

  it('[WS-1] confirms the subprotocol it was offered', async () => {
    const world = await start();
    const client = await world.connect({ protocol: 'fillwire.v1.json' });
    expect(client.ws.protocol).toBe('fillwire.v1.json');
  });
});

describe('authentication', () => {
  it('[WS-2] answers who it is, until when, and with which limits', async () => {
    const { world, clock } = await startWithClock();
    const { grant, accessToken } = await world.user();
    const client = await world.connect();
    const reply = await client.authenticate(accessToken, 'phone');
    expect(reply).toMatchObject({
      ok: true,
      result: {
        userId: grant.userId,
        sessionId: grant.sessionId,
        deviceId: 'phone',
        role: 'admin',
        expiresAt: clock.now() + 15 * MINUTE,
        serverTime: clock.now(),
        viewVersion: 1,
        epoch: 'epoch-1',
        limits: { frameBytes: 65_536, channelsPerConnection: 50, outstandingRequests: 64 },
      },
    });
  });

  it('[WS-2] closes with 4500 when nobody authenticates within 5 s', async () => {
    const { world, clock } = await startWithClock();
    const client = await world.connect();
    await client.request('ping', {});
    clock.advance(4_500);
    expect(client.closeCode).toBeNull();
    clock.advance(1_500);
    await client.closed();
    expect(client.closeCode).toBe(4500);
  });

  it('[WS-2] refuses a wrong token with 4500, an expired one with 4001, one of an ended login with 4501', async () => {
    const { world, clock } = await startWithClock();
    const ended = await world.user();
    await world.authenticator.logout(ended.refreshToken);
    const expired = await world.user();
    const cases = [
      { token: 'nonsense', code: 4500, reason: 'invalid' },
      { token: expired.refreshToken, code: 4500, reason: 'invalid' },
      { token: ended.accessToken, code: 4501, reason: 'revoked' },
    ];
    for (const { token, code, reason } of cases) {
      const client = await world.connect();
      const reply = await client.authenticate(token);
      expect(reply).toMatchObject({ ok: false, error: { code: 'unauthenticated', details: { reason } } });
      await client.closed();
      expect(client.closeCode).toBe(code);
    }
    clock.advance(15 * MINUTE + 1_000);
    const late = await world.connect();
    expect(await late.authenticate(expired.accessToken)).toMatchObject({
      error: { details: { reason: 'expired' } },
    });
    await late.closed();
    expect(late.closeCode).toBe(4001);
  });

  it('[WS-3] does nothing for a socket that has not authenticated', async () => {
    const world = await start();
    const client = await world.connect();
    const reply = await client.request('bots.stopAll', {}, { commandId: 'command-1' });
    expect(reply).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
    expect(world.desks.executed).toEqual([]);
  });

  it('[WS-2] lets a client try again when the identity store was away', async () => {
    const world = await start();
    const { accessToken } = await world.user();
    const { session } = world.store;
    world.store.session = () => Promise.reject(new Error('away'));
    const client = await world.connect();
    expect(await client.authenticate(accessToken)).toMatchObject({
      error: { code: 'unavailable', retryable: true },
    });
    world.store.session = session;
    expect((await client.authenticate(accessToken)).ok).toBe(true);
  });
});

describe('a live session', () => {
  it('[WS-4] is told a minute before its token ends, goes on after a refresh, and is closed with 4001 without', async () => {
    const { world, clock } = await startWithClock();
    const tokens = await world.user();
    const client = await world.session(tokens);
    clock.advance(13 * MINUTE);
    expect(client.of('session')).toEqual([]);
    clock.advance(MINUTE + 2_000);
    await client.until(() => client.of('session').length === 1);
    expect(client.of('session')[0]).toMatchObject({
      kind: 'session.expiring',
      data: { expiresAt: tokens.grant.expiresAt },
    });

    const refreshed = await world.authenticator.refresh(tokens.refreshToken);
    if (!refreshed.ok) throw new Error('not refreshed');
    const reply = await client.request('session.refresh', { token: refreshed.tokens.accessToken });
    expect(reply).toMatchObject({ ok: true, result: { expiresAt: refreshed.tokens.grant.expiresAt } });
    clock.advance(5 * MINUTE);
    expect((await client.request('ping', {})).ok).toBe(true);

    clock.advance(11 * MINUTE);
    await client.closed();
    expect(client.closeCode).toBe(4001);
    expect(client.of('session')).toHaveLength(2);
  });

  it('[WS-4] keeps its old token when a refresh is refused', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    const reply = await client.request('session.refresh', { token: 'nonsense' });
    expect(reply).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
    expect((await client.request('ping', {})).ok).toBe(true);
  });

  it('[WS-5] closes with 4501 the sockets of a login that ended, and no other', async () => {
    const world = await start();
    const first = await world.user('ada');
    const second = await world.authenticator.login({
      email: 'ada@example.com',
      password: 'correct horse ada',
      device: undefined,
    });
    if (!second.ok) throw new Error('no login');
    const [ended, kept] = [await world.session(first), await world.session(second.tokens)];
    await world.authenticator.logout(first.refreshToken);
    await ended.closed();
    expect(ended.closeCode).toBe(4501);
    expect((await kept.request('ping', {})).ok).toBe(true);
  });

  it('[WS-5] closes with 4501 the sockets of a revoked device, wherever its logins are', async () => {
    const world = await start();
    const tokens = await world.user();
    const [pc, phone] = [await world.session(tokens, 'pc'), await world.session(tokens, 'phone')];
    const stranger = await world.session(await world.user(), 'phone');
    expect(
      await pc.request('devices.revoke', { deviceId: 'phone' }, { commandId: 'revoke-1' }),
    ).toMatchObject({
      ok: true,
      result: { status: 'accepted' },
    });
    await phone.closed();
    expect(phone.closeCode).toBe(4501);
    expect((await pc.request('ping', {})).ok).toBe(true);
    expect((await stranger.request('ping', {})).ok).toBe(true);

    await pc.request('devices.revoke', { deviceId: tokens.grant.deviceId }, { commandId: 'revoke-2' });
    await pc.closed();
    expect(pc.closeCode).toBe(4501);
    const again = await world.connect();
    await again.authenticate(tokens.accessToken, 'pc');
    await again.closed();
    expect(again.closeCode).toBe(4501);
  });

  it('[WS-5] catches a login that was being checked while it was revoked', async () => {
    const world = await start();
    const tokens = await world.user();
    const { claimDevice } = world.authenticator;
    let proceed = (): void => undefined;
    const reached = new Promise<void>((reach) => {
      world.authenticator.claimDevice = async (grant, device) => {
        reach();
        await new Promise<void>((resume) => {
          proceed = resume;
        });
        return claimDevice.call(world.authenticator, grant, device);
      };
    });
    const client = await world.connect();
    const reply = client.authenticate(tokens.accessToken);
    await reached;
    await world.authenticator.logout(tokens.refreshToken);
    proceed();
    expect(await reply).toMatchObject({ ok: false, error: { details: { reason: 'revoked' } } });
    await client.closed();
    expect(client.closeCode).toBe(4501);
  });

  it('[WS-6] refuses a token of another user, and closes with 4502', async () => {
    const world = await start();
    const [ada, bob] = [await world.user(), await world.user()];
    for (const op of ['session.refresh', 'session.authenticate'] as const) {
      const client = await world.session(ada);
      const reply =
        op === 'session.refresh'
          ? await client.request(op, { token: bob.accessToken })
          : await client.authenticate(bob.accessToken);
      expect(reply).toMatchObject({ ok: false, error: { code: 'forbidden' } });
      await client.closed();
      expect(client.closeCode).toBe(4502);
    }
  });

  it('[WS-6] takes a second authenticate of the same user as a refresh', async () => {
    const world = await start();
    const tokens = await world.user();
    const client = await world.session(tokens, 'phone');
    expect(await client.authenticate(tokens.accessToken)).toMatchObject({
      ok: true,
      result: { deviceId: 'phone' },
    });
  });
});

describe('connection limits', () => {
  it('[WS-10] turns away the connections beyond the limit of a user with an error and 4503', async () => {
    const world = await start({ limits: { connectionsPerUser: 2 } });
    const [ada, bob] = [await world.user(), await world.user()];
    const first = await world.session(ada);
    await world.session(ada);
    const third = await world.connect();
    expect(await third.authenticate(ada.accessToken)).toMatchObject({
      ok: false,
      error: { code: 'rate_limited', details: { limit: 'connectionsPerUser', actual: '3', allowed: '2' } },
    });
    await third.closed();
    expect(third.closeCode).toBe(4503);
    await world.session(bob);
    first.ws.close();
    await first.closed();
    await world.session(ada);
  });

  it('[WS-10] turns away the connections beyond the limit of an address with 4503, of the process with 4003', async () => {
    const perAddress = await start({ limits: { connectionsPerAddress: 1 } });
    await perAddress.connect();
    const second = await perAddress.connect();
    await second.closed();
    expect(second.closeCode).toBe(4503);

    const perProcess = await start({ limits: { connections: 1 } });
    await perProcess.connect();
    const other = await perProcess.connect();
    await other.closed();
    expect(other.closeCode).toBe(4003);
  });

  it('[WS-10] counts the address that the trusted proxy saw, not what the client claims', async () => {
    const world = await start({ limits: { connectionsPerAddress: 1 }, config: { trustedProxyHops: 1 } });
    const via = (forwarded: string) => world.connect({ headers: { 'x-forwarded-for': forwarded } });
    await via('10.0.0.1');
    expect((await (await via('10.0.0.2')).request('ping', {})).ok).toBe(false);
    const spoofed = await via('10.9.9.9, 10.0.0.1');
    await spoofed.closed();
    expect(spoofed.closeCode).toBe(4503);
  });
});
