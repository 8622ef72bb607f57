import { expect, test } from 'vitest';
import type { Auth, AuthSession } from '../../shared/sdk/auth.ts';
import type { ConnectionStatus } from '../../shared/sdk/client.ts';
import { SessionStore } from './session.svelte.ts';

const device = { id: 'd1', name: 'Test', kind: 'desktop' as const };
const person = (userId: string): AuthSession => ({
  userId,
  email: `${userId}@example.com`,
  role: 'user',
  sessionId: 's1',
  deviceId: 'd1',
});

/** The parts of login and socket that the store talks to, in the hands of the test. */
function stage(restored: AuthSession | undefined | Error = undefined) {
  let tell: (session: AuthSession | undefined) => void = () => {};
  let status: (status: ConnectionStatus) => void = () => {};
  const calls: string[] = [];
  let next = person('a');
  const auth: Auth = {
    session: restored instanceof Error ? person('kept') : restored,
    register: async () => next,
    login: async () => next,
    restore: async () => {
      if (restored instanceof Error) throw restored;
      return restored;
    },
    logout: async () => {
      calls.push('logout');
    },
    onSession: (listener) => {
      tell = listener;
      return () => {};
    },
    current: async () => 'token',
    refresh: async () => 'token',
  };
  const client = {
    connect: () => void calls.push('connect'),
    close: () => void calls.push('close'),
    onStatus: (listener: (status: ConnectionStatus) => void) => {
      status = listener;
      return () => {};
    },
  };
  const store = new SessionStore(auth, client, device, () => void calls.push('reload'));
  return {
    store,
    calls,
    endSession: () => tell(undefined),
    revoke: () =>
      status({
        state: 'logged_out',
        since: 0,
        lagMs: null,
        asOf: null,
        reason: 'revoked',
        retryAt: null,
        degraded: null,
        trouble: null,
      }),
    nextPerson: (userId: string) => {
      next = person(userId);
    },
  };
}

test('[UI-15] another person on the same page starts it afresh', async () => {
  const { store, calls, endSession, nextPerson } = stage();
  await store.enter('login', 'a@example.com', 'x');
  endSession();
  expect(store.phase).toBe('signed_out');
  expect(store.ended).toBe(true);
  await store.enter('login', 'a@example.com', 'x');
  expect(calls).not.toContain('reload');
  endSession();
  nextPerson('b');
  await store.enter('login', 'b@example.com', 'x');
  expect(calls.at(-1)).toBe('reload');
});

test('[UI-15] a session revoked at the server shows the login form; logging out starts a fresh page', async () => {
  const { store, calls, revoke } = stage(person('a'));
  await store.restore();
  expect(store.phase).toBe('signed_in');
  revoke();
  expect([store.phase, store.ended]).toEqual(['signed_out', true]);
  await store.logout();
  expect(calls.slice(-2)).toEqual(['logout', 'reload']);
});

test('[UI-2] a server that is down while the page loads does not log anyone out', async () => {
  const { store, calls } = stage(new Error('unreachable'));
  await store.restore();
  expect(store.phase).toBe('signed_in');
  expect(calls).toContain('connect');
});
