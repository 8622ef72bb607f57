import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { IDLE_MS, SleepWorld } from '../testing/runtime/sleepWorld.ts';
import { BoundedVenue } from './boundedVenue.ts';
import { WAKE_PATIENCE_MS, WAKING_LIMIT } from './deskWaker.ts';

let world: SleepWorld;
beforeEach(async () => {
  world = new SleepWorld();
  await world.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.stop();
});

const ADMIN = { kind: 'user', userId: 'root', deviceId: 'console' } as const;
const isLatched = (deskId: string): boolean =>
  [...(world.desk(deskId)?.accounts.values() ?? [])].every(({ account }) => account.latch !== null);

describe('a desk with nothing to look after', () => {
  it('[SLEEP-4] leaves memory when nobody used it for a while, and answers from it again at the first use', async () => {
    const accountId = await world.open('ada');
    await world.pass(IDLE_MS - 5_000, 500);
    expect(world.desk('ada')).toBeDefined();
    await world.sleep();
    expect(world.desk('ada')).toBeUndefined();
    const head = world.head('ada');
    const answer = world.kernel.queries.query('ada', 'account.get', { accountId });
    await world.turns();
    expect(await answer).toMatchObject({ account: { accountId, status: 'ready' } });
    expect(world.desk('ada')).toBeDefined();
    await world.sleep();
    // Nothing came of it: nothing is written down.
    expect(world.head('ada')).toBe(head);
    await world.command('ada', 'accounts.update', { accountId, name: 'Renamed' });
    await world.pass(2_000);
    expect(world.directory).toContainEqual(expect.objectContaining({ accountId, name: 'Renamed' }));
  });

  it('[SLEEP-5] stays as long as a device says that it is there', async () => {
    await world.open('ada');
    for (let n = 0; n < 6; n += 1) {
      await world.kernel.commands.attend('ada');
      await world.pass(IDLE_MS / 2, 500);
      expect(world.desk('ada')).toBeDefined();
    }
    await world.sleep();
    expect(world.desk('ada')).toBeUndefined();
    const attended = world.kernel.commands.attend('ada');
    await world.turns();
    await attended;
    expect(world.desk('ada')).toBeDefined();
  });

  it('[SLEEP-6] does not leave while anything of it is being stored, waits to be decided or is asked of a venue', async () => {
    const accountId = await world.open('ada');
    let store = (): void => {};
    world.beforeCommit = () => new Promise((resolve) => (store = resolve));
    const answer = world.send('ada', 'accounts.update', { accountId, name: 'Slow' });
    await world.turns();
    const record = world.kernel.engine.record('ada');
    if (record === undefined) throw new Error('no desk');
    record.usedAt = Number.NEGATIVE_INFINITY;
    await world.pass(3_000, 500);
    world.kernel.engine.unload([record]);
    expect(world.kernel.engine.record('ada')).toBe(record);
    world.beforeCommit = async () => {};
    store();
    await world.turns();
    expect(await answer).toMatchObject({ ok: true });
    // It waits to be decided.
    world.kernel.engine.submit('ada', { type: 'Tick' });
    world.kernel.engine.unload([record]);
    expect(world.kernel.engine.record('ada')).toBe(record);
    await world.turns();
    const read = vi.spyOn(BoundedVenue.prototype, 'readAccount').mockReturnValue(new Promise(() => {}));
    world.kernel.engine.submit('ada', { type: 'StreamInterrupted', accountId, reason: 'cut' });
    await world.sleep();
    expect(read).toHaveBeenCalled();
    expect(world.kernel.engine.record('ada')).toBe(record);
  });

  it('[SLEEP-7] is read once, however many ask for it at once; each gets its answer', async () => {
    const accountId = await world.open('ada');
    await world.sleep();
    const reads = vi.spyOn(world.log, 'snapshot');
    const names = ['a', 'b', 'c', 'd'];
    const commands = names.map((name) =>
      world.send('ada', 'accounts.create', { name, venue: 'sim', leverage: 1, marginMode: 'isolated' }),
    );
    const queries = names.map(() => world.kernel.queries.query('ada', 'account.get', { accountId }));
    await world.pass(500);
    for (const reply of await Promise.all(commands)) expect(reply).toMatchObject({ ok: true });
    for (const reply of await Promise.all(queries)) expect(reply).toMatchObject({ account: { accountId } });
    expect(reads).toHaveBeenCalledTimes(1);
    expect([...(world.desk('ada')?.accounts.values() ?? [])].map(({ account }) => account.name)).toEqual([
      'Simulated',
      ...names,
    ]);
  });

  it('[SLEEP-7] a command whose desk leaves under it is decided all the same, once', async () => {
    const accountId = await world.open('ada');
    const { engine } = world.kernel;
    const record = engine.record('ada');
    if (record === undefined) throw new Error('no desk');
    const answers: unknown[] = [];
    // As if it left between the look whether it is there and the command.
    engine.unload([record]);
    const command = {
      type: 'UpdateAccount',
      accountId,
      name: 'Late',
      leverage: undefined,
      marginMode: undefined,
    };
    engine.submit(
      'ada',
      { type: 'Command', command, commandId: 'late', expectedVersion: null, actor: ADMIN } as never,
      { record: null, validUntil: null, isExit: false, answer: (reply) => answers.push(reply) },
    );
    await world.turns();
    expect(answers).toEqual([expect.objectContaining({ ok: true })]);
    expect(world.desk('ada')?.accounts.get(accountId)?.account.name).toBe('Late');
  });

  it('[SLEEP-14] more than may wait to be read are refused, but not what is urgent', async () => {
    vi.spyOn(world.log, 'snapshot').mockReturnValue(new Promise(() => {}));
    for (let n = 0; n < WAKING_LIMIT; n += 1) void world.send(`u${n}`, 'bots.stopAll', {}).catch(() => {});
    await world.turns();
    const args = { name: 'x', venue: 'sim', leverage: 1, marginMode: 'isolated' };
    const refused = await world.send('late', 'accounts.create', args);
    expect(refused).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
    let isRefused = false;
    void world.send('urgent', 'emergency.stop', { preview: false }).then(() => {
      isRefused = true;
    });
    await world.turns();
    expect(isRefused).toBe(false);
  });
});

describe('a start', () => {
  it('[SLEEP-8] brings back those with something to look after, by what the last append said; others come when they are used', async () => {
    const [ada, bob] = [await world.open('ada'), await world.open('bob')];
    await world.command('ada', 'orders.submit', world.order(ada));
    await world.until('a position', () => (world.desk('ada')?.positions.size ?? 0) > 0);
    expect([world.isAwakeInLog('ada'), world.isAwakeInLog('bob')]).toEqual([true, false]);
    const read = vi.spyOn(world.log, 'snapshots');
    await world.restart();
    expect(world.desk('ada')).toBeDefined();
    expect(world.desk('bob')).toBeUndefined();
    expect(read.mock.calls).toEqual([[['ada']]]);
    await world.pass(2_000);
    // Both are written down for who must act without the database.
    expect(world.directory.map(({ accountId }) => accountId).sort()).toEqual([ada, bob].sort());
    await world.command('ada', 'positions.close', { accountId: ada, symbol: 'BTCUSDT' });
    await world.until('flat, and gone', () => world.desk('ada') === undefined);
    expect(world.isAwakeInLog('ada')).toBe(false);
    await world.restart();
    expect(world.kernel.engine.count).toBe(0);
  });

  it('[SLEEP-7] [SLEEP-8] whoever asked for one before it was back gets the one that came back: it is read once', async () => {
    const accountId = await world.open('ada');
    await world.command('ada', 'orders.submit', world.order(accountId));
    await world.until('a position', () => (world.desk('ada')?.positions.size ?? 0) > 0);
    const awakeDesks = world.log.awakeDesks.bind(world.log);
    let asked: Promise<unknown> | undefined;
    vi.spyOn(world.log, 'awakeDesks').mockImplementationOnce((shard) => {
      asked = world.kernel.queries.query('ada', 'account.get', { accountId });
      return awakeDesks(shard);
    });
    const read = vi.spyOn(world.log, 'snapshot');
    await world.restart();
    const back = world.kernel.engine.record('ada');
    await world.turns();
    expect(await asked).toMatchObject({ account: { accountId } });
    expect(world.kernel.engine.record('ada')).toBe(back);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('[SLEEP-8] on the log of an older server, or a restored one, brings back all; those restored are latched', async () => {
    await world.open('ada');
    const bob = await world.open('bob');
    for (const desk of world.store.desks.values()) Object.assign(desk, { awake: true, accounts: [] });
    world.store.restoredAt = world.clock.now() + 1;
    await world.restart();
    expect(world.kernel.engine.count).toBe(2);
    await world.pass(1_000);
    expect([isLatched('ada'), isLatched('bob')]).toEqual([true, true]);
    expect(await world.log.deskOfAccount(bob)).toBe('bob');
    expect(world.isAwakeInLog('bob')).toBe(false);
  });

  it('[SLEEP-8] a desk that was asleep in a restored log is latched before it takes an entry', async () => {
    const accountId = await world.open('ada');
    world.store.restoredAt = world.clock.now() + 1;
    await world.restart();
    expect(world.desk('ada')).toBeUndefined();
    const answer = world.send('ada', 'orders.submit', world.order(accountId));
    await world.pass(1_000);
    expect(await answer).toMatchObject({ ok: false });
    expect(isLatched('ada')).toBe(true);
  });

  it('[SLEEP-8] [PANIC-1] brings back whom somebody panicked on; a living server wakes him', async () => {
    const [ada, bob] = [await world.open('ada'), await world.open('bob')];
    const panic = (accountId: string) => ({
      record: {
        panicId: accountId,
        accountId,
        startedAt: 1,
        closes: [],
        finished: { flat: true, residual: [] },
      },
      mark: { file: accountId, lines: 2 },
    });
    world.panics = [panic(ada)];
    await world.restart();
    await world.pass(500);
    expect(isLatched('ada')).toBe(true);
    expect(world.desk('bob')).toBeUndefined();
    world.panics.push(panic(bob));
    await world.until('bob is latched', () => world.desk('bob') !== undefined && isLatched('bob'));
    expect(world.panics).toEqual([]);
  });
});

describe('what happens on the account of a sleeping desk', () => {
  it('[SLEEP-9] is known before anything is added there: the first order waits for the comparison', async () => {
    const accountId = await world.open('ada');
    await world.restart();
    await world.tradeAtVenue(accountId);
    expect(world.desk('ada')).toBeUndefined();
    const answer = world.send('ada', 'orders.submit', world.order(accountId));
    await world.pass(1_000);
    expect(await answer).toMatchObject({ ok: false, error: { code: 'denied' } });
    expect([...(world.desk('ada')?.positions.values() ?? [])]).toMatchObject([
      { foreign: true, size: '0.02' },
    ]);
  });

  it('[SLEEP-9] an order right after waking goes through, without a word of the sleep in the log', async () => {
    const accountId = await world.open('ada');
    await world.sleep();
    const head = world.head('ada');
    const answer = world.send('ada', 'orders.submit', world.order(accountId));
    await world.pass(500);
    expect(await answer).toMatchObject({ ok: true, result: { status: 'accepted' } });
    const { events } = world.store.desks.get('ada') ?? { events: [] };
    expect(events.slice(head).map(({ kind }) => kind)).not.toContain('AccountChanged');
    await world.until('a position', () => (world.desk('ada')?.positions.size ?? 0) > 0);
  });

  it('[SLEEP-9] while the venue does not say, what adds is refused after a while, and what stops is taken at once', async () => {
    const accountId = await world.open('ada');
    await world.sleep();
    vi.spyOn(BoundedVenue.prototype, 'readAccount').mockReturnValue(new Promise(() => {}));
    const order = world.send('ada', 'orders.submit', world.order(accountId));
    const stop = world.send('ada', 'emergency.stop', { preview: false });
    await world.turns();
    expect(await stop).toMatchObject({ ok: true });
    await world.pass(WAKE_PATIENCE_MS + 100);
    expect(await order).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
    expect(isLatched('ada')).toBe(true);
  });

  it('[SLEEP-10] a push of its venue wakes it', async () => {
    const accountId = await world.open('ada');
    await world.sleep();
    await world.tradeAtVenue(accountId);
    await world.pass(1_000);
    expect([...(world.desk('ada')?.positions.values() ?? [])]).toMatchObject([{ foreign: true }]);
    expect(world.isAwakeInLog('ada')).toBe(true);
    await world.restart();
    expect(world.desk('ada')).toBeDefined();
  });

  it('[SLEEP-11] is found in its turn where nothing was pushed, and is pushed from then on', async () => {
    const [ada, bob] = [await world.open('ada'), await world.open('bob')];
    await world.restart();
    await world.tradeAtVenue(ada);
    expect(world.desk('ada')).toBeUndefined();
    await world.until('it is found', () => (world.desk('ada')?.positions.size ?? 0) > 0);
    expect(world.desk('bob')).toBeUndefined();
    await world.tradeAtVenue(bob);
    await world.pass(1_000);
    expect(world.desk('bob')?.positions.size).toBe(1);
  });

  it('[SLEEP-11] [RUN-36] each is looked at every two minutes, while nobody reads its desk', async () => {
    const accountId = await world.open('ada');
    await world.sleep();
    const [read, snapshot] = [
      vi.spyOn(BoundedVenue.prototype, 'readAccount'),
      vi.spyOn(world.log, 'snapshot'),
    ];
    await world.pass(600_000, 1_000);
    expect(read.mock.calls.length).toBeGreaterThanOrEqual(4);
    expect(read.mock.calls.length).toBeLessThanOrEqual(6);
    expect(read.mock.calls[0]).toEqual([{ accountId }]);
    expect(snapshot).not.toHaveBeenCalled();
    expect(world.desk('ada')).toBeUndefined();
  });
});

describe('an administrator', () => {
  it('[SLEEP-12] [EMER-2] reaches those that sleep as those that are awake, which come first', async () => {
    const accountId = await world.open('zoe');
    for (const deskId of ['ada', 'bob']) await world.open(deskId);
    await world.command('zoe', 'orders.submit', world.order(accountId));
    await world.until('a position', () => (world.desk('zoe')?.positions.size ?? 0) > 0);
    await world.restart();
    await world.pass(1_000);
    expect(world.kernel.engine.count).toBe(1);
    const stop = world.kernel.admin.execute({
      ...{ op: 'admin.emergencyStop', args: { all: true, preview: false }, commandId: 'stop-all' },
      ...{ actor: ADMIN, receivedAt: world.clock.now() },
    });
    await world.pass(3_000);
    const reply = await stop;
    expect(reply).toMatchObject({ ok: true });
    const { users } = (reply as { result: { users: { userId: string; error: null }[] } }).result;
    expect(users.map(({ userId }) => userId)).toEqual(['zoe', 'ada', 'bob']);
    expect(users.every(({ error }) => error === null)).toBe(true);
    expect(['ada', 'bob', 'zoe'].map(isLatched)).toEqual([true, true, true]);
    await world.until('zoe is flat', () => world.desk('zoe')?.positions.size === 0);
    await world.sleep();
    expect(world.desk('ada')).toBeUndefined();
    await world.command('ada', 'accounts.create', {
      ...{ name: 'born latched', venue: 'sim', leverage: 1, marginMode: 'isolated' },
    });
    expect(isLatched('ada')).toBe(true);
  });
});

describe('a store that is away', () => {
  it('[SLEEP-13] wakes nobody: commands are refused at once, and served when it is back', async () => {
    const accountId = await world.open('ada');
    await world.open('bob');
    await world.sleep();
    const reads = vi.spyOn(world.log, 'snapshot').mockReturnValue(new Promise(() => {}));
    const waiting = world.send('ada', 'orders.submit', world.order(accountId));
    const query = world.kernel.queries.query('ada', 'account.get', { accountId });
    await world.pass(5_200);
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
    expect(await query).toMatchObject({ code: 'unavailable' });
    const refused = world.send('bob', 'emergency.stop', { preview: false });
    await world.turns();
    expect(await refused).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    reads.mockRestore();
    await world.until('the store is back', () => world.kernel.health.degradation === null);
    const answer = world.send('ada', 'orders.submit', world.order(accountId), 'again');
    await world.pass(1_000);
    expect(await answer).toMatchObject({ ok: true });
    expect(world.desk('ada')?.accounts.get(accountId)?.account.balances.USDT).not.toBe(dec('0'));
  });
});
