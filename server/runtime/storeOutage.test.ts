import { describe, expect, test, vi } from 'vitest';
import type { Degradation } from '../../shared/protocol/serverMessage.ts';
import { MemoryShardLeases } from '../adapters/memory/shardLeases.ts';
import { MemoryStore } from '../adapters/memory/store.ts';
import { waitUntil } from '../testing/patience.ts';
import { RecordingLogger } from '../testing/recordingLogger.ts';
import { EngineWorld } from '../testing/runtime/engineWorld.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { LEASE_TTL_MS, LeaseKeeper } from './leaseKeeper.ts';
import { STORE_PATIENCE_MS, StoreHealth } from './storeHealth.ts';

/** Lets promises and engine turns run. */
async function turns(): Promise<void> {
  for (let n = 0; n < 10; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Time passes in small steps, with what it brings on. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    clock.advance(Math.min(250, left));
    await turns();
  }
}

async function openWorld() {
  const world = new EngineWorld();
  await world.commands.open('ada');
  await world.commands.open('bob');
  const told: (Degradation | null)[] = [];
  world.engine.health.onChange((degradation) => told.push(degradation));
  world.happened.length = 0;
  world.effects.length = 0;
  return { world, told };
}

/** Nothing can be read either, but for command ids: what fails is the append. */
function unreachable(world: EngineWorld): () => void {
  const refuse = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const spies = (['heads', 'read', 'snapshot'] as const).map((name) =>
    vi.spyOn(world.log, name).mockImplementation(refuse),
  );
  const append = vi
    .spyOn(world.log, 'append')
    .mockResolvedValue({ outcome: 'failed', message: 'connect ECONNREFUSED', away: 'unreachable' });
  return () => {
    for (const spy of [...spies, append]) spy.mockRestore();
  };
}

/** It answers, and takes nothing. */
function full(world: EngineWorld): () => void {
  const append = vi
    .spyOn(world.log, 'append')
    .mockResolvedValue({ outcome: 'failed', message: 'No space left on device', away: 'refuses_writes' });
  return () => append.mockRestore();
}

/** It says nothing; what it was given is done once it goes on. */
function silent(world: EngineWorld): () => void {
  let goOn: () => void = () => {};
  const paused = new Promise<void>((resolve) => (goOn = resolve));
  const { log } = world;
  const append = log.append.bind(log);
  const heads = log.heads.bind(log);
  const spies = [
    vi.spyOn(log, 'append').mockImplementation((lease, desks) => paused.then(() => append(lease, desks))),
    vi.spyOn(log, 'heads').mockImplementation((ids) => paused.then(() => heads(ids))),
  ];
  return () => {
    goOn();
    for (const spy of spies) spy.mockRestore();
  };
}

describe('a store that is away', () => {
  test.each([
    { how: unreachable, reason: 'store_unreachable' },
    { how: full, reason: 'store_refuses_writes' },
  ])(
    '[RUN-18] [D5] [INV-1] ($reason): nothing leaves, all are told and answered at once, and desks come back by themselves',
    async ({ how, reason }) => {
      const { world, told } = await openWorld();
      const head = world.head('ada');
      const bringBack = how(world);
      const refused = { ok: false, error: { code: 'unavailable', retryable: true } };
      expect(await world.createAccount('ada', 'During')).toMatchObject(refused);
      expect(told).toEqual([{ since: world.clock.now(), reason }]);
      // Nobody else has to find out by waiting.
      expect(await world.createAccount('bob', 'During')).toMatchObject(refused);
      await pass(world.clock, 60_000);
      expect(world.effects).toEqual([]);
      expect(world.published.filter(({ type }) => type === 'frames')).toHaveLength(2);
      expect(world.head('ada')).toBe(head);

      bringBack();
      await pass(world.clock, 5_000);
      expect(told).toEqual([{ since: expect.any(Number), reason }, null]);
      for (const deskId of ['ada', 'bob']) {
        expect(world.engine.record(deskId)?.state).toBe('ready');
        expect(world.effects.some((run) => run.deskId === deskId)).toBe(true);
      }
      expect(await world.createAccount('ada', 'During')).toMatchObject({ ok: true });
      // One line when it went, one when it came back, one a minute between: not one for each failed attempt.
      expect(world.logger.lines.filter(({ message }) => message.includes('the database is')).length).toBe(3);
      expect(world.logger.lines.filter(({ level }) => level !== 'debug').length).toBeLessThan(8);
    },
  );

  test('[RUN-19] [R11] what stops and closes is told that nothing was committed, and how to close without the server', async () => {
    const { world } = await openWorld();
    const [accountId] = world.engine.record('ada')?.desk.accounts.keys() ?? [];
    const bringBack = full(world);
    await world.createAccount('ada', 'During');
    for (const [op, args] of [
      ['emergency.stop', { accountId }],
      ['positions.close', { accountId, symbol: 'BTCUSDT' }],
      ['orders.cancel', { orderId: 'x' }],
      ['bots.stop', { botId: 'x' }],
    ] as const) {
      const reply = await world.command('ada', op, args);
      const named = 'accountId' in args ? accountId : 'ACCOUNT';
      const panic = `npm run panic -- --account ${named}`;
      expect(reply).toMatchObject({
        ok: false,
        error: { code: 'unavailable', retryable: true, details: { committed: false, panic } },
      });
      const message = reply.ok ? '' : reply.error.message;
      expect(message).toContain('nothing was committed and nothing was sent');
      expect(message).toContain(panic);
    }
    bringBack();
  });

  test('[RUN-20] [D7] [INV-4] what was on its way when it went silent has its one effect if it was stored, and none of it is acted on late', async () => {
    const { world, told } = await openWorld();
    const bringBack = silent(world);
    const reply = world.createAccount('ada', 'Late', { commandId: 'late' });
    await turns();
    await pass(world.clock, STORE_PATIENCE_MS);
    expect(await reply).toMatchObject({
      ok: false,
      error: { code: 'unavailable', details: { committed: null, reason: 'store_silent' } },
    });
    expect(told).toMatchObject([{ reason: 'store_silent' }]);
    // Whatever comes meanwhile is dropped: memory is bounded, and the venue is asked afterwards.
    for (let n = 0; n < 1_000; n += 1) world.engine.submit('ada', { type: 'Tick' });
    await pass(world.clock, 30_000);
    expect(world.engine.isIdle()).toBe(true);
    expect(world.effects).toEqual([]);

    bringBack();
    await pass(world.clock, 5_000);
    expect(told.at(-1)).toBeNull();
    const accounts = [...(world.engine.record('ada')?.desk.accounts.values() ?? [])];
    expect(accounts.map(({ account }) => account.name)).toEqual(['Simulated', 'Late']);
    // Asked again, the same command has its first answer.
    expect(await world.createAccount('ada', 'Late', { commandId: 'late' })).toMatchObject({ ok: true });
    expect(accounts).toHaveLength(2);
    // Opening the account follows from the recovery, not from the decision of half a minute ago.
    const opened = world.effects.filter(({ effect }) => effect.type === 'OpenAccount');
    expect(opened.map(({ deskId }) => deskId).sort()).toEqual(['ada', 'ada', 'bob']);
  });

  test('[RUN-20] a look-up of a command id that hangs is answered too', async () => {
    const { world, told } = await openWorld();
    vi.spyOn(world.log, 'command').mockImplementation(() => new Promise(() => {}));
    const reply = world.createAccount('ada', 'Hanging');
    await pass(world.clock, STORE_PATIENCE_MS);
    expect(await reply).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(told).toMatchObject([{ reason: 'store_silent' }]);
  });

  test('[RUN-21] an idle server notices by the renewal of its lease, be it refused or not answered', async () => {
    for (const renewal of [() => Promise.reject(new Error('gone')), () => new Promise<never>(() => {})]) {
      const clock = new ManualClock();
      const logger = new RecordingLogger();
      const leases = new MemoryShardLeases(new MemoryStore(), clock);
      const health = new StoreHealth({ clock, logger });
      const keeper = new LeaseKeeper({ leases, clock, logger, owner: 'first', health });
      await keeper.acquire(() => {});
      const spy = vi.spyOn(leases, 'renew').mockImplementation(renewal);
      await pass(clock, LEASE_TTL_MS);
      expect(health.degradation).not.toBeNull();
      expect(keeper.leftMs()).toBe(0);
      spy.mockRestore();
      // The probe renews it: nobody else has taken it.
      await keeper.renew();
      expect(keeper.leftMs()).toBe(LEASE_TTL_MS);
    }
  });

  test('[RUN-18] a desk that cannot be stored for a reason of its own does not count as the store being away', async () => {
    const { world, told } = await openWorld();
    world.faults.beforeCommit = (desks) => {
      if (desks.some(({ deskId }) => deskId === 'ada')) throw new Error('cannot be stored');
    };
    await world.createAccount('ada', 'X');
    await waitUntil(() => world.engine.record('ada')?.state === 'halted');
    await waitUntil(() => world.engine.record('bob')?.state === 'ready');
    expect(await world.createAccount('bob', 'Y')).toMatchObject({ ok: true });
    expect(told).toEqual([]);
  });
});
