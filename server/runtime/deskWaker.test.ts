import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SleepWorld } from '../testing/runtime/sleepWorld.ts';

let world: SleepWorld;
beforeEach(async () => {
  world = new SleepWorld();
  await world.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.stop();
});

const panicOn = (accountId: string) => ({
  record: {
    panicId: accountId,
    accountId,
    startedAt: 1,
    closes: [],
    finished: { flat: true, residual: [] },
  },
  mark: { file: accountId, lines: 2 },
});

/** A restart that has not read yet which desks are awake; `goOn` lets it, and waits for its end. */
async function heldUpStart(): Promise<{ goOn: () => Promise<void> }> {
  let go = (): void => {};
  const awake = world.log.awakeDesks.bind(world.log);
  vi.spyOn(world.log, 'awakeDesks').mockImplementation(async (shard) => {
    await new Promise<void>((resolve) => (go = resolve));
    return await awake(shard);
  });
  const restarted = world.restart();
  await world.turns();
  return {
    goOn: async () => {
      go();
      await restarted;
    },
  };
}

it('[SLEEP-7] one that is asked for while the start brings it back is there once', async () => {
  const accountId = await world.open('ada');
  await world.command('ada', 'orders.submit', world.order(accountId));
  await world.until('a position', () => (world.desk('ada')?.positions.size ?? 0) > 0);
  const reads = vi.spyOn(world.log, 'snapshot');
  const start = await heldUpStart();
  const answer = world.kernel.queries.query('ada', 'account.get', { accountId });
  await world.turns();
  await start.goOn();
  await world.turns();
  expect(await answer).toMatchObject({ account: { accountId } });
  expect(reads.mock.calls).toEqual([['ada']]);
});

it('[SLEEP-3] [SLEEP-5] who is back before a start has brought the desks back is shown a desk that is awake, also a sleeping one', async () => {
  await world.open('ada');
  await world.sleep();
  const start = await heldUpStart();
  let isShown = false;
  const attended = world.kernel.commands.attend('ada').then(() => (isShown = true));
  await world.turns();
  expect(isShown).toBe(false);
  await start.goOn();
  await attended;
  expect(world.desk('ada')).toBeDefined();
});

it('[SLEEP-8] a desk that cannot be read keeps no panic on another one from being taken in', async () => {
  const [ada, bob] = [await world.open('ada'), await world.open('bob')];
  await world.restart();
  const snapshot = world.log.snapshot.bind(world.log);
  vi.spyOn(world.log, 'snapshot').mockImplementation(async (deskId) => {
    if (deskId === 'ada') throw new Error('its snapshot is broken');
    return await snapshot(deskId);
  });
  world.panics = [panicOn(ada), panicOn(bob)];
  await world.pass(12_000);
  expect(world.desk('bob')?.accounts.get(bob)?.account.latch).toMatchObject({ reason: expect.anything() });
});

it('[SLEEP-13] panic journals that cannot be read say nothing of the store: the desk is there without them', async () => {
  const accountId = await world.open('ada');
  await world.sleep();
  world.beforePanicsRead = () => new Promise(() => {});
  const answer = world.kernel.queries.query('ada', 'account.get', { accountId });
  await world.pass(6_000);
  expect(world.kernel.health.degradation).toBeNull();
  expect(await answer).toMatchObject({ account: { accountId } });
});

it('[SLEEP-14] of whom something urgent is asked is read before all that wait, also if he waits among them', async () => {
  const reading: (() => void)[] = [];
  const read = vi.spyOn(world.log, 'snapshot').mockImplementation(async () => {
    await new Promise<void>((resolve) => reading.push(resolve));
    return undefined;
  });
  for (let n = 0; n < 30; n += 1) void world.kernel.commands.attend(`u${n}`);
  await world.turns();
  const first = read.mock.calls.length;
  for (const deskId of ['late', 'u29']) void world.send(deskId, 'emergency.stop', { preview: false });
  await world.turns();
  for (const read of reading.splice(0, 2)) read();
  await world.turns();
  expect(read.mock.calls.slice(first).map(([deskId]) => deskId)).toEqual(['late', 'u29']);
  // Nobody is read twice for it, and everybody is.
  for (let n = 0; n < 30; n += 1) {
    for (const read of reading.splice(0)) read();
    await world.turns();
  }
  expect(read.mock.calls.map(([deskId]) => deskId).toSorted()).toEqual(
    ['late', ...Array.from({ length: 30 }, (_, n) => `u${n}`)].toSorted(),
  );
});
