import { expect, test, vi } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { EngineWorld } from '../testing/runtime/engineWorld.ts';
import { FIRST_RECOVERY_PAUSE_MS, LAST_RECOVERY_PAUSE_MS } from './deskFailures.ts';
import { LOAD_MS } from './deskRestorer.ts';

/** A desk of which every recovery throws, until it is mended. */
async function failingWorld() {
  const world = new EngineWorld();
  await world.commands.open('ada');
  await world.commands.open('bob');
  let recoveries = 0;
  let isMended = false;
  const { engine } = world;
  const facts = world.context.venue;
  const submit = engine.submit.bind(engine);
  vi.spyOn(engine, 'submit').mockImplementation((deskId, input, command) => {
    if (input.type === 'Recovered' && !isMended) {
      recoveries += 1;
      world.context.venue = () => {
        world.context.venue = facts;
        throw new Error('a fault of ours');
      };
    }
    submit(deskId, input, command);
  });
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 10; n += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 250) {
      world.clock.advance(250);
      await settle();
    }
  };
  engine.submit('ada', { type: 'Recovered', downMs: 0, latch: null });
  await settle();
  const mend = (): void => {
    isMended = true;
  };
  return { world, pass, mend, recoveries: () => recoveries };
}

test('[FOUND-11] [RUN-7] a recovery that fails is tried again later and later, and the desk comes back once it can', async () => {
  const { world, pass, mend, recoveries } = await failingWorld();
  await pass(60_000);
  // One at once, then after 0.25, 0.5, 1 … 30 s.
  expect(recoveries()).toBeGreaterThan(5);
  expect(recoveries()).toBeLessThan(15);
  expect(world.engine.troubles.count).toBe(1);
  mend();
  await pass(LAST_RECOVERY_PAUSE_MS);
  expect(world.engine.record('ada')?.state).toBe('ready');
  expect(world.engine.troubles.count).toBe(0);
});

test('[READ-2] what one reading showed before a desk was read from the log proves nothing together with one after it', async () => {
  const { world, pass } = await failingWorld();
  const { engine, clock } = world;
  const desk = () => engine.record('bob')?.desk;
  const accountId = [...(desk()?.accounts.keys() ?? [])].join();
  const show = async (): Promise<void> => {
    engine.submit('bob', {
      type: 'AccountRead',
      accountId,
      state: {
        balances: { USDT: dec('10000') },
        positions: [
          {
            ...{ symbol: 'BTCUSDT', direction: 'long', size: dec('1'), cost: dec('20000'), leverage: 1 },
            ...{ marginMode: 'isolated', liquidationPrice: null },
          },
        ],
        orders: [],
        cursors: { fills: 0, bills: 0 },
        marketTime: clock.now(),
      },
      fills: [],
      bills: [],
      startedAt: clock.now(),
      endedAt: clock.now(),
    });
    await pass(1_000);
  };
  await show();
  expect(desk()?.accounts.get(accountId)?.noted.size).toBe(1);
  // Read from the log as it is, and not recovered.
  await engine.load(['bob']);
  await show();
  expect(desk()?.positions.size).toBe(0);
  await show();
  expect(desk()?.positions.size).toBe(1);
});

test('[FOUND-11] [EMER-21] stuck, a desk says so and takes exits; the others are served', async () => {
  const { world, pass } = await failingWorld();
  await pass(10 * FIRST_RECOVERY_PAUSE_MS);
  expect(world.engine.record('ada')?.state).toBe('stuck');
  expect(await world.createAccount('ada', 'Second')).toMatchObject({
    ok: false,
    error: { code: 'unavailable', retryable: true, details: { reason: 'desk_stuck' } },
  });
  expect(await world.createAccount('bob', 'Second')).toMatchObject({ ok: true });
  const stop = await world.command('ada', 'emergency.stop', {});
  expect(stop).toMatchObject({ ok: true });
  const [state] = world.engine.record('ada')?.desk.accounts.values() ?? [];
  expect(state?.account.latch?.reason).toBe('emergency');
});

test('[FOUND-13] [RUN-7] a reading of the log that never answers is given up, and the desk is read back all the same', async () => {
  const { world, pass, mend } = await failingWorld();
  mend();
  await pass(LAST_RECOVERY_PAUSE_MS);
  vi.spyOn(world.log, 'snapshot').mockReturnValueOnce(new Promise<never>(() => {}));
  vi.spyOn(world.context, 'venue').mockImplementationOnce(() => {
    throw new Error('a fault of ours');
  });
  world.engine.submit('ada', { type: 'Recovered', downMs: 0, latch: null });
  await pass(250);
  expect(world.engine.record('ada')?.state).toBe('reloading');
  await pass(LOAD_MS + LAST_RECOVERY_PAUSE_MS + 1_000);
  expect(world.engine.record('ada')?.state).toBe('ready');
});
