import { expect, it } from 'vitest';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const HOUR_MS = 3_600_000;

it('[MET-7] of more than 100 logins of a user the oldest ends, and its socket with it; the others stay', async () => {
  const clock = new ManualClock();
  const world = await start({ clock, identity: { accessLifetimeMs: 24 * HOUR_MS } });
  const [ada, bob] = [await world.user('ada'), await world.user('bob')];
  const login = async () => {
    clock.advance(1_000);
    const answer = await fetch(`http://127.0.0.1:${world.port}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse ada' }),
    });
    expect(answer.status).toBe(200);
  };
  const refresh = async (token: string) => {
    const answer = await fetch(`http://127.0.0.1:${world.port}/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: token }),
    });
    return answer.status;
  };
  const [oldest, other] = [await world.session(ada), await world.session(bob)];
  const row = await world.store.session(ada.grant.sessionId);
  if (row === undefined) throw new Error('no session');
  // 98 more, without the work of a password each.
  clock.advance(1_000);
  for (let n = 0; n < 98; n += 1)
    await world.store.createSession({ ...row, sessionId: `filled-${n}`, createdAt: clock.now() });
  await login();
  expect((await oldest.request('ping', {})).ok).toBe(true);
  await login();
  await oldest.closed();
  expect(oldest.closeCode).toBe(4501);
  expect(await refresh(ada.refreshToken)).toBe(401);
  expect(await world.store.session('filled-0')).toMatchObject({ revokedAt: null });
  expect((await other.request('ping', {})).ok).toBe(true);
  expect(await refresh(bob.refreshToken)).toBe(200);
});
