import { describe, expect, test, vi } from 'vitest';
import type { Account } from '../../shared/domain/account.ts';
import { EngineWorld } from '../testing/runtime/engineWorld.ts';
import { decodeEvent } from './storedEvents.ts';
import { STORE_PATIENCE_MS } from './storeHealth.ts';
import { toWire } from './toWire.ts';

/** Ada is the administrator; Bob and Carol have desks. */
async function world() {
  const engineWorld = new EngineWorld();
  for (const deskId of ['ada', 'bob', 'carol']) await engineWorld.commands.open(deskId);
  return engineWorld;
}

type Args = { userId?: string; all?: true; preview?: boolean };

function ask(
  w: EngineWorld,
  op: 'admin.emergencyStop' | 'admin.emergencyRelease',
  args: Args,
  commandId: string,
) {
  const actor = { kind: 'admin', userId: 'ada', deviceId: 'ada-laptop' } as const;
  return w.admin.execute({ op, args, commandId, actor, receivedAt: w.clock.now() });
}

const accountOf = (w: EngineWorld, deskId: string): Account => {
  const [state] = [...(w.engine.record(deskId)?.desk.accounts.values() ?? [])];
  if (state === undefined) throw new Error(`${deskId} has no account`);
  return state.account;
};

/** What the log has of a desk's emergencies. */
const stagesOf = (w: EngineWorld, deskId: string) =>
  (w.store.desks.get(deskId)?.events ?? []).map(decodeEvent).filter(({ kind }) => kind === 'EmergencyStage');

describe('an administrator’s emergency stop', () => {
  test('[EMER-20] [R20] acts on the desk of one user through its own engine, in its log with who asked; others go on', async () => {
    const w = await world();
    const reply = await ask(w, 'admin.emergencyStop', { userId: 'bob' }, 'stop-bob-1');
    expect(reply).toMatchObject({
      ok: true,
      result: {
        status: 'accepted',
        users: [{ userId: 'bob', emergencyId: expect.any(String), error: null }],
      },
    });
    expect(accountOf(w, 'bob').latch).toMatchObject({ by: 'admin' });
    expect(accountOf(w, 'carol').latch).toBeNull();
    const [stage] = stagesOf(w, 'bob');
    expect(stage?.by).toEqual({ kind: 'admin', userId: 'ada', deviceId: 'ada-laptop' });
    if (stage === undefined) throw new Error('no stage');
    // Its user sees that an administrator did it, not which one.
    expect(toWire(stage, 'epoch-1', 1)).toMatchObject({
      by: { kind: 'admin', userId: null, deviceId: null },
      data: { emergency: { by: 'admin' } },
    });
  });

  test('[EMER-20] of all users: one answer with each, their own included', async () => {
    const w = await world();
    const reply = await ask(w, 'admin.emergencyStop', { all: true }, 'stop-all-1');
    const users = reply.ok ? (reply.result as { users: { userId: string }[] }).users : [];
    expect(users.map(({ userId }) => userId).sort()).toEqual(['ada', 'bob', 'carol']);
    for (const deskId of ['ada', 'bob', 'carol']) expect(accountOf(w, deskId).latch).not.toBeNull();
  });

  test('[EMER-20] the same command again has no second effect and gets the same answer, also after a restart', async () => {
    const w = await world();
    const first = await ask(w, 'admin.emergencyStop', { all: true }, 'stop-all-1');
    const heads = ['ada', 'bob', 'carol'].map((deskId) => w.head(deskId));
    expect(await ask(w, 'admin.emergencyStop', { all: true }, 'stop-all-1')).toEqual(first);
    w.restart();
    expect(await ask(w, 'admin.emergencyStop', { all: true }, 'stop-all-1')).toEqual(first);
    expect(['ada', 'bob', 'carol'].map((deskId) => w.head(deskId))).toEqual(heads);
    expect(await ask(w, 'admin.emergencyStop', { userId: 'bob' }, 'stop-all-1')).toMatchObject({
      ok: false,
      error: { code: 'command_id_reused' },
    });
  });

  test('[EMER-20] cut off in the middle it goes on with the same id: each desk acts once', async () => {
    const w = await world();
    w.faults.beforeCommit = (desks) => {
      if (desks.some(({ deskId }) => deskId === 'carol')) throw new Error('disk full');
    };
    expect(await ask(w, 'admin.emergencyStop', { all: true }, 'stop-all-1')).toMatchObject({
      ok: false,
      error: { code: 'unavailable', retryable: true },
    });
    w.faults.beforeCommit = () => {};
    await w.engine.settled();
    w.restart();
    expect(await ask(w, 'admin.emergencyStop', { all: true }, 'stop-all-1')).toMatchObject({ ok: true });
    for (const deskId of ['ada', 'bob', 'carol']) {
      const ids = new Set(
        stagesOf(w, deskId).map((event) =>
          event.kind === 'EmergencyStage' ? event.data.emergency.emergencyId : '',
        ),
      );
      expect(ids.size).toBe(1);
    }
  });

  test('[EMER-18] [D11] [R20] neither the user, nor a read, nor a restart undoes it; an administrator does', async () => {
    const w = await world();
    await ask(w, 'admin.emergencyStop', { userId: 'bob' }, 'stop-bob-1');
    const denied = {
      ok: false,
      error: { code: 'denied', details: { denials: [{ limit: 'account_latched' }] } },
    };
    expect(await w.command('bob', 'emergency.release', {})).toMatchObject(denied);
    await w.queries.query('bob', 'account.get', { accountId: accountOf(w, 'bob').accountId });
    w.restart();
    await w.commands.open('bob');
    w.engine.submit('bob', { type: 'Recovered', downMs: 5_000, latch: null });
    await w.engine.settled();
    expect(accountOf(w, 'bob').latch).toMatchObject({ by: 'admin' });
    expect(await w.command('bob', 'emergency.release', {}, { commandId: 'again-1' })).toMatchObject(denied);
    // Nothing was ever open; the venue is what is still missing.
    const { accountId } = accountOf(w, 'bob');
    const state = { balances: {}, positions: [], orders: [], cursors: { fills: 0, bills: 0 }, marketTime: 0 };
    for (const startedAt of [w.clock.now() + 1, w.clock.now() + 1_001]) {
      const read = { state, fills: [], bills: [], startedAt, endedAt: startedAt + 1 };
      w.engine.submit('bob', { type: 'AccountRead', accountId, ...read });
    }
    await w.engine.settled();
    expect(await ask(w, 'admin.emergencyRelease', { all: true }, 'release-1')).toMatchObject({
      ok: true,
      result: { users: expect.arrayContaining([{ userId: 'bob', released: true, error: null }]) },
    });
    expect(accountOf(w, 'bob').latch).toBeNull();
  });

  test('[EMER-18] a release by an administrator leaves alone what the user latched', async () => {
    const w = await world();
    await w.command('bob', 'emergency.stop', { preview: false });
    expect(await ask(w, 'admin.emergencyRelease', { userId: 'bob' }, 'release-1')).toMatchObject({
      ok: true,
      result: { users: [{ userId: 'bob', released: false }] },
    });
    expect(accountOf(w, 'bob').latch).not.toBeNull();
  });

  test('[EMER-20] nobody’s desk is opened by being asked for', async () => {
    const w = await world();
    expect(await ask(w, 'admin.emergencyStop', { userId: 'mallory' }, 'stop-1')).toMatchObject({
      ok: false,
      error: { code: 'not_found' },
    });
    expect(w.head('mallory')).toBe(0);
  });

  test('[EMER-19] [EMER-20] its preview lists each user’s, and where the venue does not answer says as of when', async () => {
    const w = await world();
    const reply = await ask(w, 'admin.emergencyStop', { userId: 'bob', preview: true }, '');
    const { accountId, createdAt } = accountOf(w, 'bob');
    expect(reply).toMatchObject({
      ok: true,
      result: {
        status: 'preview',
        more: 0,
        users: [
          {
            userId: 'bob',
            positions: [],
            orders: 0,
            accounts: [{ accountId, source: 'books', asOf: createdAt }],
          },
        ],
      },
    });
    expect(accountOf(w, 'bob').latch).toBeNull();
  });
});

/** Lets what waits for nothing but promises and engine turns come to its end. */
async function turns(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

const REFUSED = { ok: false, error: { code: 'unavailable', retryable: true } };

describe('an administrator while the store is away', () => {
  test.each([
    { name: 'a stop of one', op: 'admin.emergencyStop', args: { userId: 'bob' }, asks: 'heads' },
    { name: 'a stop of all', op: 'admin.emergencyStop', args: { all: true }, asks: 'desksOfShard' },
    { name: 'a release', op: 'admin.emergencyRelease', args: { all: true }, asks: 'command' },
    {
      name: 'a preview',
      op: 'admin.emergencyStop',
      args: { all: true, preview: true },
      asks: 'desksOfShard',
    },
  ] as const)(
    '[RUN-40] [EMER-20] [R20] $name is refused in bounded time when the store is silent, and touches no desk',
    async ({ op, args, asks }) => {
      const w = await world();
      const heads = ['ada', 'bob', 'carol'].map((deskId) => w.head(deskId));
      w.effects.length = 0;
      vi.spyOn(w.log, asks).mockImplementation(() => new Promise<never>(() => {}));
      const append = vi.spyOn(w.log, 'append');
      const reply = ask(w, op, args, 'while-away-1');
      await turns();
      w.clock.advance(STORE_PATIENCE_MS);
      const away = { ...REFUSED.error, details: { reason: 'store_silent', committed: false } };
      expect(await reply).toMatchObject({ ok: false, error: away });
      // Known to be away, the next one is not even looked up.
      expect(await ask(w, op, args, 'while-away-2')).toMatchObject({ ok: false, error: away });
      expect(append).not.toHaveBeenCalled();
      expect(['ada', 'bob', 'carol'].map((deskId) => w.head(deskId))).toEqual(heads);
      expect(w.effects).toEqual([]);
      for (const deskId of ['ada', 'bob', 'carol']) expect(accountOf(w, deskId).latch).toBeNull();
      vi.restoreAllMocks();
    },
  );

  test('[RUN-40] [EMER-20] when it goes silent with desks asked, the answer does not say that nothing was done, and the same command ends it', async () => {
    const w = await world();
    let goOn: () => void = () => {};
    const paused = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const append = w.log.append.bind(w.log);
    const heads = w.log.heads.bind(w.log);
    vi.spyOn(w.log, 'append').mockImplementation((lease, desks) =>
      // The desks' own stop is stored; the administrator's answer is not.
      desks.some(({ deskId }) => deskId === 'ada')
        ? paused.then(() => append(lease, desks))
        : append(lease, desks),
    );
    const reply = ask(w, 'admin.emergencyStop', { userId: 'bob' }, 'stop-bob-1');
    await turns();
    expect(accountOf(w, 'bob').latch).toMatchObject({ by: 'admin' });
    vi.spyOn(w.log, 'heads').mockImplementation((ids) => paused.then(() => heads(ids)));
    w.clock.advance(STORE_PATIENCE_MS);
    const answer = await reply;
    expect(answer).toMatchObject(REFUSED);
    expect(answer.ok ? '' : answer.error.message).toContain('the same command again goes on');

    goOn();
    vi.restoreAllMocks();
    for (let n = 0; n < 40 && w.engine.health.degradation !== null; n += 1) {
      w.clock.advance(250);
      await turns();
    }
    expect(await ask(w, 'admin.emergencyStop', { userId: 'bob' }, 'stop-bob-1')).toMatchObject({
      ok: true,
      result: { users: [{ userId: 'bob', error: null }] },
    });
    const ids = stagesOf(w, 'bob').map((event) =>
      event.kind === 'EmergencyStage' ? event.data.emergency.emergencyId : '',
    );
    expect(new Set(ids).size).toBe(1);
  });
});
