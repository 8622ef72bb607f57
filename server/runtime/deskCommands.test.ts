import { describe, expect, test, vi } from 'vitest';
import { NOTHING, scriptedStrategy } from '../testing/core/samples.ts';
import { waitUntil } from '../testing/patience.ts';
import { EngineWorld } from '../testing/runtime/engineWorld.ts';
import { EngineCommands } from './deskCommands.ts';
import { DeskWaker } from './deskWaker.ts';
import { KEEP_COMMANDS_MS } from './rounds.ts';

const DAY_MS = 86_400_000;
const names = (world: EngineWorld): string[] =>
  [...(world.engine.record('ada')?.desk.accounts.values() ?? [])].map(({ account }) => account.name);

/** A world with an open desk, whose next append stops at this point for ever, as in a process that ends there. */
async function endingAt(
  point: 'beforeCommit' | 'afterCommit',
): Promise<{ world: EngineWorld; ended: Promise<void> }> {
  const world = new EngineWorld();
  await world.commands.open('ada');
  const ended = new Promise<void>((resolve) => {
    world.faults[point] = () => {
      delete world.faults[point];
      resolve();
      return new Promise(() => undefined);
    };
  });
  return { world, ended };
}

describe('a process that ends', () => {
  test('[CMD-13] [N5] [N6] between commit and answer: the next one gives the first answer, and there is one effect', async () => {
    const { world, ended } = await endingAt('afterCommit');
    void world.createAccount('ada', 'Once', { commandId: 'cut-off' });
    await ended;
    world.restart();
    await world.engine.load(['ada']);
    const again = await world.createAccount('ada', 'Once', { commandId: 'cut-off' });
    expect(again).toMatchObject({ ok: true, result: { status: 'accepted' } });
    expect(names(world)).toEqual(['Simulated', 'Once']);
    expect(await world.createAccount('ada', 'Twice', { commandId: 'cut-off' })).toMatchObject({
      ok: false,
      error: { code: 'command_id_reused' },
    });
  });

  test('[CMD-13] before the commit: nothing happened, and the same command has its one effect', async () => {
    const { world, ended } = await endingAt('beforeCommit');
    void world.createAccount('ada', 'Lost', { commandId: 'cut-off' });
    await ended;
    world.restart();
    await world.engine.load(['ada']);
    expect(names(world)).toEqual(['Simulated']);
    const replies = await Promise.all(
      [1, 2].map(() => world.createAccount('ada', 'Lost', { commandId: 'cut-off' })),
    );
    expect(replies[0]).toMatchObject({ ok: true });
    expect(replies[1]).toEqual(replies[0]);
    expect(names(world)).toEqual(['Simulated', 'Lost']);
  });
});

test('[CMD-18] before every desk is back no command is looked up, no desk opened and nothing decided', async () => {
  const world = new EngineWorld();
  await world.commands.open('ada');
  world.restart();
  const { engine, log, logger, context, clock } = world;
  let back = (): void => {};
  const recovered = new Promise<void>((resolve) => {
    back = resolve;
  });
  const waker = new DeskWaker({ engine, log, context, health: engine.health, clock, logger, recovered });
  const commands = new EngineCommands({ engine, waker, log, logger, firstVenue: 'sim', recovered });
  const asked = vi.spyOn(log, 'command');
  const opened = vi.spyOn(engine, 'admit');
  const early = commands.execute('ada', {
    op: 'accounts.create',
    args: { name: 'Early', venue: 'sim', leverage: 1, marginMode: 'isolated' },
    commandId: 'sent-early',
    expectedVersion: null,
    validUntil: null,
    actor: { kind: 'user', userId: 'ada', deviceId: 'device' },
    receivedAt: world.clock.now(),
  });
  const opening = commands.open('ada');
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(asked).not.toHaveBeenCalled();
  expect(opened).not.toHaveBeenCalled();
  await engine.load(['ada']);
  back();
  expect(await early).toMatchObject({ ok: true });
  await opening;
  expect(opened).toHaveBeenCalledTimes(1);
  expect(names(world)).toEqual(['Simulated', 'Early']);
});

describe('a refusal', () => {
  /** A stopped bot; answers its id. */
  async function withBot(world: EngineWorld): Promise<string> {
    await world.commands.open('ada');
    world.context.strategy = () => scriptedStrategy(() => NOTHING);
    const [accountId] = world.engine.record('ada')?.desk.accounts.keys() ?? [];
    const args = {
      name: 'first',
      accountId,
      symbol: 'BTCUSDT',
      interval: '1m',
      strategy: 'scripted',
      params: {},
      allocationPct: '10',
      leverage: 1,
      marginMode: 'isolated',
      onRestart: 'hold',
    };
    const made = await world.command('ada', 'bots.create', args, { commandId: 'make-the-bot' });
    if (!made.ok) throw new Error(made.error.message);
    return String((made.result as { botId: unknown }).botId);
  }

  test('[CMD-14] is stored as an answer is: the same command is refused the same way, whatever changed since', async () => {
    const world = new EngineWorld();
    const botId = await withBot(world);
    const stale = { commandId: 'rename-it', expectedVersion: 7 };
    const rename = () => world.command('ada', 'bots.update', { botId, name: 'renamed' }, stale);
    const refused = await rename();
    expect(refused).toMatchObject({ ok: false, error: { code: 'version_conflict' } });
    for (let version = 1; version < 7; version += 1)
      await world.command('ada', 'bots.update', { botId, name: `name ${version}` });
    expect(world.engine.record('ada')?.desk.bots.get(botId)?.version).toBe(7);
    expect(await rename()).toEqual(refused);
    world.restart();
    expect(await rename()).toEqual(refused);
  });

  test('[CMD-14] alone in its batch survives an answer to COMMIT that was lost', async () => {
    const world = new EngineWorld();
    const botId = await withBot(world);
    world.faults.afterCommit = () => {
      delete world.faults.afterCommit;
      throw new Error('connection lost');
    };
    const stale = { commandId: 'rename-it', expectedVersion: 7 };
    const refused = await world.command('ada', 'bots.update', { botId, name: 'renamed' }, stale);
    expect(refused).toMatchObject({ ok: false, error: { code: 'version_conflict' } });
    expect(await world.command('ada', 'bots.update', { botId, name: 'renamed' }, stale)).toEqual(refused);
  });
});

test('[CMD-15] commands of a batch that the database refuses are answered so that the SDK sends them again, and have one effect then', async () => {
  const world = new EngineWorld();
  await world.commands.open('ada');
  let failures = 2;
  world.faults.beforeCommit = () => {
    failures -= 1;
    if (failures === 0) delete world.faults.beforeCommit;
    throw new Error('disk full');
  };
  const wanted = ['A', 'B', 'C'];
  const outcomes = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    const replies = await Promise.all(wanted.map((name) => world.createAccount('ada', name)));
    for (const reply of replies) outcomes.add(reply.ok ? 'accepted' : reply.error.code);
    await waitUntil(() => world.engine.record('ada')?.state === 'ready' && world.engine.isIdle());
  }
  expect([...outcomes].sort()).toEqual(['accepted', 'unavailable']);
  expect(names(world).toSorted()).toEqual(['A', 'B', 'C', 'Simulated']);
});

test('[CMD-16] answers are kept for longer than a day', () => {
  expect(KEEP_COMMANDS_MS).toBeGreaterThanOrEqual(DAY_MS);
});

test('[CMD-21] commands of a desk are decided in the order in which they came, whichever the store answers first', async () => {
  const world = new EngineWorld();
  for (const desk of ['ada', 'bob']) await world.commands.open(desk);
  const look = world.log.command.bind(world.log);
  const held: Record<string, () => void> = {};
  vi.spyOn(world.log, 'command').mockImplementation(async (deskId, commandId) => {
    await new Promise<void>((resolve) => {
      held[commandId] = resolve;
    });
    if (commandId === 'second') throw new Error('one that fails');
    return look(deskId, commandId);
  });
  const replies = ['first', 'second', 'third'].map((name) =>
    world.createAccount('ada', name, { commandId: name }),
  );
  const other = world.createAccount('bob', 'another', { commandId: 'another' });
  await waitUntil(() => Object.keys(held).length === 4);
  for (const commandId of ['third', 'second', 'another']) held[commandId]?.();
  // Somebody else's waits for nobody.
  expect(await other).toMatchObject({ ok: true });
  expect(names(world)).toEqual(['Simulated']);
  held.first?.();
  expect(await Promise.all(replies)).toMatchObject([
    { ok: true },
    { ok: false, error: { code: 'unavailable' } },
    { ok: true },
  ]);
  expect(names(world)).toEqual(['Simulated', 'first', 'third']);
});
