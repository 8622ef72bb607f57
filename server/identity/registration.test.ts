import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryEventBus } from '../adapters/memory/eventBus.ts';
import { MemoryIdentityStore } from '../adapters/memory/identityStore.ts';
import { RecordingLogger } from '../testing/recordingLogger.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { createIdentity, type IdentityConfig } from './createIdentity.ts';
import { newFirstAccountCode } from './registration.ts';

const CODE = newFirstAccountCode();
let store: MemoryIdentityStore;
beforeEach(() => {
  store = new MemoryIdentityStore();
});

function create(config: Partial<IdentityConfig>) {
  const identity = createIdentity({
    store,
    clock: new ManualClock(),
    logger: new RecordingLogger(),
    publisher: new MemoryEventBus(),
    secrets: { jwtSecret: 'a secret of a test that is long enough, 32 bytes and more' },
    config,
  });
  let users = 0;
  return (code?: string, password = 'correct horse battery staple') => {
    users += 1;
    return identity.register({ email: `user-${users}@example.com`, password, device: undefined, code });
  };
}

const NEEDS_CODE = { ok: false, error: { code: 'forbidden', details: { needs: 'code' } } };

describe('registration where strangers come by', () => {
  it('[MET-5] the first account needs the code, which is good once; then nobody gets in', async () => {
    const register = create({ registration: 'closed', firstAccountCode: CODE });
    expect(await register()).toMatchObject(NEEDS_CODE);
    expect(await register('')).toMatchObject(NEEDS_CODE);
    expect(await register(newFirstAccountCode())).toMatchObject(NEEDS_CODE);
    expect(await register(CODE, 'short')).toMatchObject({ error: { code: 'bad_request' } });
    expect(await register(CODE.toLowerCase().replaceAll('-', ' '))).toMatchObject({
      ok: true,
      tokens: { grant: { role: 'admin' } },
    });
    for (const code of [undefined, CODE])
      expect(await register(code)).toMatchObject({
        error: { code: 'forbidden', message: 'this server takes no new accounts' },
      });
  });

  it('[MET-5] of two with the code at once one is the first', async () => {
    const register = create({ registration: 'closed', firstAccountCode: CODE });
    const both = await Promise.all([register(CODE), register(CODE)]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('[MET-5] open: the code for the first account, none for the others', async () => {
    const register = create({ registration: 'open', firstAccountCode: CODE });
    expect(await register()).toMatchObject(NEEDS_CODE);
    expect((await register(CODE)).ok).toBe(true);
    expect(await register()).toMatchObject({ ok: true, tokens: { grant: { role: 'user' } } });
  });

  it('[MET-5] on one’s own machine: no code; closed takes the first account only', async () => {
    const register = create({ registration: 'closed' });
    expect((await register()).ok).toBe(true);
    expect(await register()).toMatchObject({ error: { code: 'forbidden' } });
  });
});
