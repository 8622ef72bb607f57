import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IdentityStore, SessionRow } from './identityStore.ts';

export interface IdentityStoreUnderTest {
  /** Empty. */
  store: IdentityStore;
  close(): Promise<void>;
}

const NOW = Date.UTC(2026, 0, 5);

/** What every IdentityStore does. */
export function identityStoreContract(name: string, open: () => Promise<IdentityStoreUnderTest>): void {
  describe(`identity store contract: ${name}`, () => {
    let under: IdentityStoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const newUser = (userId: string) => ({
      userId,
      email: `${userId}@Example.org`,
      passwordHash: 'h',
      createdAt: NOW,
    });
    const newDevice = (userId: string, deviceId: string) =>
      ({ userId, deviceId, name: 'phone', kind: 'phone', createdAt: NOW, lastSeenAt: NOW }) as const;
    const newSession = (sessionId: string, userId: string, deviceId: string): SessionRow => ({
      sessionId,
      userId,
      deviceId,
      tokenHash: 'h1',
      previousHash: null,
      rotatedAt: null,
      createdAt: NOW,
      expiresAt: NOW + 1_000,
      revokedAt: null,
    });

    test('[PG-1] of many first users at once exactly one becomes admin', async () => {
      const made = await Promise.all(
        Array.from({ length: 8 }, (_, index) => under.store.createUser(newUser(`first${index}`))),
      );
      expect(made.map((user) => user?.role).sort()).toEqual([
        'admin',
        ...Array.from({ length: 7 }, () => 'user'),
      ]);
      expect((await under.store.createUser(newUser('later')))?.role).toBe('user');
    });

    test('[PG-2] an email belongs to one user, in any case of its letters', async () => {
      const user = await under.store.createUser(newUser('mail'));
      expect(user).toMatchObject({ email: 'mail@example.org', status: 'active' });
      expect(
        await under.store.createUser({ ...newUser('mail2'), email: 'MAIL@example.ORG' }),
      ).toBeUndefined();
      expect(await under.store.userByEmail('Mail@Example.org')).toEqual(user);
      expect(await under.store.userById('mail')).toEqual(user);
      expect(await under.store.userById('mail2')).toBeUndefined();
    });

    test('[PG-3] a device keeps its creation and revocation; its sessions end with it', async () => {
      await under.store.createUser(newUser('d1'));
      await under.store.upsertDevice(newDevice('d1', 'phone'));
      await under.store.upsertDevice(newDevice('d1', 'tablet'));
      const again = {
        ...newDevice('d1', 'phone'),
        name: 'new name',
        createdAt: NOW + 5,
        lastSeenAt: NOW + 5,
      };
      expect(await under.store.upsertDevice(again)).toEqual({ ...again, createdAt: NOW, revokedAt: null });
      await under.store.createSession(newSession('s1', 'd1', 'phone'));
      await under.store.createSession(newSession('s2', 'd1', 'tablet'));
      expect(await under.store.revokeDevice('d1', 'phone', NOW + 9)).toBe(true);
      expect(await under.store.revokeDevice('d1', 'phone', NOW + 10)).toBe(false);
      expect((await under.store.session('s1'))?.revokedAt).toBe(NOW + 9);
      expect((await under.store.session('s2'))?.revokedAt).toBeNull();
      expect((await under.store.upsertDevice(again)).revokedAt).toBe(NOW + 9);
      expect((await under.store.devices('d1', 10)).map((device) => device.deviceId)).toEqual(['tablet']);
    });

    test('[PG-4] one user’s devices are nobody else’s, even with equal ids', async () => {
      for (const userId of ['u1', 'u2']) {
        await under.store.createUser(newUser(userId));
        await under.store.upsertDevice({ ...newDevice(userId, 'same'), name: userId });
        await under.store.createSession(newSession(`${userId}s`, userId, 'same'));
      }
      expect(await under.store.revokeDevice('u1', 'same', NOW)).toBe(true);
      expect((await under.store.device('u2', 'same'))?.revokedAt).toBeNull();
      expect((await under.store.session('u2s'))?.revokedAt).toBeNull();
      expect((await under.store.devices('u2', 10)).map((device) => device.name)).toEqual(['u2']);
      expect(await under.store.revokeDevice('u3', 'same', NOW)).toBe(false);
      expect(await under.store.device('u3', 'same')).toBeUndefined();
    });

    test('[PG-21] [MET-7] devices are listed and kept in bounded number: those with a login first, then who was seen last', async () => {
      const { store } = under;
      await store.createUser(newUser('m1'));
      await store.createUser(newUser('m2'));
      await store.upsertDevice({ ...newDevice('m2', 'other'), lastSeenAt: 1 });
      for (let n = 0; n < 6; n += 1)
        await store.upsertDevice({ ...newDevice('m1', `made-up-${n}`), lastSeenAt: NOW + n });
      await store.createSession(newSession('ms-0', 'm1', 'made-up-0'));
      await store.createSession(newSession('ms-1', 'm1', 'made-up-1'));
      await store.revokeSession('ms-1', NOW + 9);
      await store.revokeDevice('m1', 'made-up-2', NOW + 9);
      const listed = async (atMost: number) =>
        (await store.devices('m1', atMost)).map(({ deviceId }) => deviceId);
      expect(await listed(3)).toEqual(['made-up-0', 'made-up-5', 'made-up-4']);
      await store.forgetDevices('m1', 2);
      // A login that ended lately still names its device, and a revoked one must not come back as new.
      expect(await listed(10)).toEqual(['made-up-0', 'made-up-5', 'made-up-4', 'made-up-1']);
      expect((await store.device('m1', 'made-up-2'))?.revokedAt).toBe(NOW + 9);
      expect(await store.device('m2', 'other')).toBeDefined();
    });

    test('[PG-5] of many rotations of one refresh token one wins; a revoked session rotates no more', async () => {
      await under.store.createUser(newUser('r1'));
      await under.store.upsertDevice(newDevice('r1', 'phone'));
      await under.store.createSession(newSession('rs', 'r1', 'phone'));
      const won = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          under.store.rotateSession('rs', 'h1', `next${index}`, NOW + 1, NOW + 2_000),
        ),
      );
      expect(won.filter((one) => one)).toHaveLength(1);
      const session = await under.store.session('rs');
      expect(session).toMatchObject({
        tokenHash: `next${won.indexOf(true)}`,
        previousHash: 'h1',
        rotatedAt: NOW + 1,
        expiresAt: NOW + 2_000,
      });
      await under.store.revokeSession('rs', NOW + 3);
      await under.store.revokeSession('rs', NOW + 4);
      expect((await under.store.session('rs'))?.revokedAt).toBe(NOW + 3);
      expect(await under.store.rotateSession('rs', session?.tokenHash ?? '', 'x', NOW + 5, NOW)).toBe(false);
      expect(await under.store.session('unknown')).toBeUndefined();
    });

    test('[MET-4] tells what was revoked since a time, sessions and devices', async () => {
      await under.store.createUser(newUser('v1'));
      for (const id of ['phone', 'pc']) {
        await under.store.upsertDevice(newDevice('v1', id));
        await under.store.createSession(newSession(`v-${id}`, 'v1', id));
      }
      const AT = NOW + 10_000_000;
      await under.store.revokeSession('v-pc', AT);
      expect(await under.store.revokedSince(AT + 1)).toEqual([]);
      expect(await under.store.revokedSince(AT)).toEqual([
        { userId: 'v1', deviceId: null, sessionId: 'v-pc' },
      ]);
      await under.store.revokeDevice('v1', 'phone', AT + 5);
      expect(await under.store.revokedSince(AT + 1)).toEqual([
        { userId: 'v1', deviceId: null, sessionId: 'v-phone' },
        { userId: 'v1', deviceId: 'phone', sessionId: null },
      ]);
    });

    test('[MET-7] a user keeps the newest sessions only; what ended long ago is forgotten, what lives is not', async () => {
      const AT = NOW + 20_000_000;
      await under.store.createUser(newUser('p1'));
      await under.store.upsertDevice(newDevice('p1', 'gone'));
      await under.store.upsertDevice({ ...newDevice('p1', 'used'), lastSeenAt: NOW });
      for (const n of [1, 2, 3]) {
        const row = newSession(`p-${n}`, 'p1', n === 3 ? 'used' : 'gone');
        await under.store.createSession({ ...row, createdAt: NOW + n, expiresAt: AT + 1_000_000 });
      }
      expect(await under.store.endOldest('p1', 3, AT)).toEqual([]);
      const ended = await under.store.endOldest('p1', 1, AT);
      expect(ended.map(({ sessionId }) => sessionId).sort()).toEqual(['p-1', 'p-2']);
      await under.store.prune(AT, NOW);
      expect(await under.store.session('p-1')).toMatchObject({ revokedAt: AT });
      await under.store.prune(AT + 1, AT);
      expect(await under.store.session('p-1')).toBeUndefined();
      expect(await under.store.session('p-3')).toMatchObject({ revokedAt: null });
      expect((await under.store.devices('p1', 10)).map(({ deviceId }) => deviceId)).toEqual(['used']);
    });
  });
}
