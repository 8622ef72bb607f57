import { describe, expect, test, vi } from 'vitest';
import { type CommandName, OP_NAMES, ops } from '../../shared/protocol/ops.ts';
import type { Effect } from '../core/effects.ts';
import { serializeDesk } from '../core/fold/snapshot.ts';
import { sampleOrder } from '../testing/deskSamples.ts';
import { waitUntil } from '../testing/patience.ts';
import { EngineWorld } from '../testing/runtime/engineWorld.ts';
import { SNAPSHOT_EVERY_EVENTS } from './batch.ts';
import { PANICS_READ_MS } from './foundPanics.ts';
import { INBOX_LIMIT } from './inbox.ts';
import { loadDesk } from './loadDesk.ts';

const names = (world: EngineWorld, deskId: string): string[] =>
  [...(world.engine.record(deskId)?.desk.accounts.values() ?? [])].map((state) => state.account.name);

describe('commit, then act', () => {
  test('[RUN-1] nothing is shown, done or answered before the commit, then in this order', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    world.happened.length = 0;
    await world.createAccount('ada', 'Second', { commandId: 'create' });
    expect(world.happened).toEqual(['commit', 'frames ada', 'effect OpenAccount', 'answer create']);
  });

  test('[RUN-2] while one append is in flight, what is decided meanwhile becomes the next', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    let release: () => void = () => {};
    let appends = 0;
    world.faults.beforeCommit = () => {
      appends += 1;
      return appends === 1 ? new Promise<void>((resolve) => (release = resolve)) : undefined;
    };
    const first = world.createAccount('ada', 'A1');
    await waitUntil(() => appends === 1);
    const others = Promise.all(['A2', 'A3', 'A4'].map((name) => world.createAccount('ada', name)));
    await waitUntil(() => names(world, 'ada').length === 5);
    expect(appends).toBe(1);
    release();
    await first;
    await others;
    expect(appends).toBe(2);
    expect(names(world, 'ada')).toEqual(['Simulated', 'A1', 'A2', 'A3', 'A4']);
  });
});

describe('a batch that is not stored', () => {
  test('[FOUND-13] [RUN-3] a disk that never answers for the panic journals keeps no desk from coming back', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    world.faults.beforeCommit = () => {
      world.faults.beforeCommit = () => {};
      throw new Error('disk full');
    };
    const asked = vi.fn(() => new Promise<never>(() => {}));
    world.pendingPanics = asked;
    await world.createAccount('ada', 'Lost');
    await waitUntil(() => asked.mock.calls.length > 0);
    expect(world.engine.record('ada')?.state).toBe('reloading');
    world.clock.advance(PANICS_READ_MS);
    await waitUntil(() => world.engine.record('ada')?.state === 'ready');
  });

  test('[RUN-3] changes nothing, answers `unavailable`, and its desk asks the venue anew', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const head = world.head('ada');
    world.faults.beforeCommit = () => {
      world.faults.beforeCommit = () => {};
      throw new Error('disk full');
    };
    const reply = await world.createAccount('ada', 'Lost');
    expect(reply).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
    await waitUntil(() => world.engine.record('ada')?.state === 'ready' && world.engine.isIdle());
    expect(names(world, 'ada')).toEqual(['Simulated']);
    expect(world.head('ada')).toBeGreaterThan(head);
    expect(world.effects.at(-1)?.effect.type).toBe('OpenAccount');
    // The same command again has its one effect.
    expect(await world.createAccount('ada', 'Lost')).toMatchObject({ ok: true });
    expect(names(world, 'ada')).toEqual(['Simulated', 'Lost']);
  });

  test('[RUN-4] a desk that fails alone is halted after a few attempts; the others go on', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    await world.commands.open('bob');
    world.faults.beforeCommit = (desks) => {
      if (desks.some((desk) => desk.deskId === 'ada')) throw new Error('cannot be stored');
    };
    await Promise.all([world.createAccount('ada', 'X'), world.createAccount('bob', 'Y')]);
    await waitUntil(() => world.engine.record('ada')?.state === 'halted');
    expect(world.engine.troubles.trouble('ada')).toMatchObject({ reason: 'desk_halted' });
    expect(world.engine.troubles.trouble('bob')).toBeNull();
    // Exits neither, and it does not promise them.
    for (const refused of [world.createAccount('ada', 'X'), world.command('ada', 'emergency.stop', {})]) {
      const reply = await refused;
      expect(reply).toMatchObject({ error: { code: 'unavailable', details: { reason: 'desk_halted' } } });
      expect(JSON.stringify(reply)).not.toContain('work meanwhile');
    }
    await waitUntil(() => world.engine.record('bob')?.state === 'ready');
    expect(await world.createAccount('bob', 'Z')).toMatchObject({ ok: true });
    expect(names(world, 'bob')).toContain('Z');
  });

  test('[RUN-4] what cannot be stored costs its own desk alone: who shared the append with it is stored and answered', async () => {
    const world = new EngineWorld();
    const desks = ['ada', 'bob', 'cyd', 'dan', 'eve'];
    for (const deskId of desks) await world.commands.open(deskId);
    await waitUntil(() => world.engine.isIdle());
    const appends: string[][] = [];
    world.faults.beforeCommit = (batch) => {
      appends.push(batch.map(({ deskId }) => deskId));
      if (!batch.some(({ deskId }) => deskId === 'cyd')) return;
      throw new Error('cannot be stored');
    };
    const replies = await Promise.all(desks.map((deskId) => world.createAccount(deskId, 'New')));
    expect(appends[0]).toEqual(desks);
    expect(replies.map(({ ok }) => ok)).toEqual([true, true, false, true, true]);
    world.faults.beforeCommit = () => {};
    await waitUntil(() => world.engine.record('cyd')?.state === 'ready');
    for (const deskId of desks)
      expect(names(world, deskId).filter((name) => name === 'New')).toHaveLength(deskId === 'cyd' ? 0 : 1);
  });

  test('[RUN-5] when the answer to COMMIT is lost, the heads decide: stored is stored, once', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    world.faults.afterCommit = () => {
      world.faults.afterCommit = () => {};
      throw new Error('connection lost');
    };
    expect(await world.createAccount('ada', 'Stored')).toMatchObject({ ok: true });
    expect(names(world, 'ada')).toEqual(['Simulated', 'Stored']);
    const frames = world.published.flatMap((message) => (message.type === 'frames' ? message.frames : []));
    expect(frames.map((frame) => frame.seq)).toEqual(frames.map((_frame, index) => index + 1));
  });

  test('[RUN-5] [INV-1] what another process wrote there meanwhile is not taken for the own commit', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const append = world.log.append.bind(world.log);
    let others = 0;
    vi.spyOn(world.log, 'append').mockImplementationOnce(async (lease, desks) => {
      // The connection is lost before COMMIT, and whoever took over writes something else at the same place.
      const theirs = desks.map((desk) => ({
        ...desk,
        commands: [],
        events: desk.events.slice(0, 1).map((event) => ({ ...event, ts: event.ts + 1 })),
      }));
      others = theirs.flatMap((desk) => desk.events).length;
      await append(lease, theirs);
      return { outcome: 'unknown', message: 'connection lost' };
    });
    world.happened.length = 0;
    const reply = await world.createAccount('ada', 'Lost');
    expect(others).toBe(1);
    expect(reply).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(world.happened).not.toContain('effect OpenAccount');
  });

  test('[RUN-5] [N6] refusals answered alike by another process are not taken for the own commit, unless all were', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const append = world.log.append.bind(world.log);
    let together = 0;
    vi.spyOn(world.log, 'append').mockImplementationOnce(async (lease, desks) => {
      // The first of them was sent to the other process as well, which says the same.
      together = desks.flatMap((desk) => desk.commands).length;
      const theirs = desks.map((desk) => ({ ...desk, commands: desk.commands.slice(0, 1) }));
      await append(lease, theirs);
      return { outcome: 'unknown', message: 'connection lost' };
    });
    const stops = ['one', 'two'].map((botId) => world.command('ada', 'bots.stop', { botId }));
    const replies = await Promise.all(stops);
    expect(together).toBe(2);
    for (const reply of replies) expect(reply).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    await waitUntil(() => world.engine.record('ada')?.state === 'ready');
    const again = await world.command('ada', 'bots.stop', { botId: 'two' });
    expect(again).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });

  test('[RUN-6] a former holder of the lease writes nothing and is told', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const head = world.head('ada');
    world.store.leases.set(0, { owner: 'other', token: 2n, expiresAt: Number.MAX_SAFE_INTEGER });
    world.happened.length = 0;
    void world.createAccount('ada', 'Fenced');
    await waitUntil(() => world.leaseLost === 1);
    expect(world.head('ada')).toBe(head);
    expect(world.happened).toEqual([]);
  });
});

describe('a decision that fails', () => {
  test('[RUN-7] answers `internal`, leaves the desk as it was, and the desk goes on', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const venue = world.context.venue;
    world.context.venue = () => {
      throw new Error('a bug');
    };
    expect(await world.createAccount('ada', 'Broken')).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    });
    world.context.venue = venue;
    await waitUntil(() => world.engine.record('ada')?.state === 'ready');
    expect(await world.createAccount('ada', 'Whole')).toMatchObject({ ok: true });
    expect(names(world, 'ada')).toEqual(['Simulated', 'Whole']);
  });

  test('[RUN-7] [BOT-16] bars that cannot be told are the fault of one desk: the engine goes on', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    await world.commands.open('bob');
    world.context.series = () => {
      throw new Error('a bug');
    };
    const bar = { type: 'BarArrived', venue: 'sim', symbol: 'BTCUSDT', interval: '1m', openTime: 0 } as const;
    world.engine.submit('ada', bar);
    expect(await world.createAccount('bob', 'Whole')).toMatchObject({ ok: true });
    await waitUntil(() => world.engine.record('ada')?.state === 'ready');
    expect(await world.createAccount('ada', 'Whole')).toMatchObject({ ok: true });
  });

  test('[RUN-7] a refusal that cannot be put into words is a decision that throws: the engine goes on', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const [state] = [...(world.engine.record('ada')?.desk.accounts.values() ?? [])];
    if (state === undefined) throw new Error('no account');
    const { accountId } = state.account;
    // With what is no figure, as a log of other shapes would have it.
    const figures: object = { actual: null, allowed: null };
    const breach = {
      limit: 'drawdown',
      ts: 1,
      policy: 'hold',
      ...figures,
    } as (typeof state.limits.breaches)[number];
    state.limits = { ...state.limits, breaches: [breach] };
    expect(await world.command('ada', 'accounts.remove', { accountId })).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    });
    await waitUntil(() => world.engine.record('ada')?.state === 'ready');
    expect(await world.createAccount('ada', 'Whole')).toMatchObject({ ok: true });
  });
});

describe('commands', () => {
  test('[RUN-8] the same id has one effect and one answer: at once, later, and after a restart', async () => {
    const world = new EngineWorld();
    const send = () => world.createAccount('ada', 'Once', { commandId: 'same-id' });
    const [first, second, third] = await Promise.all([send(), send(), send()]);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(await send()).toEqual(first);
    world.restart();
    expect(await send()).toEqual(first);
    expect(names(world, 'ada')).toEqual([]);
    await world.engine.load(['ada']);
    expect(names(world, 'ada')).toEqual(['Simulated', 'Once']);
  });

  test('[RUN-9] an id used with other arguments is refused, also while the first is under way', async () => {
    const world = new EngineWorld();
    const first = world.createAccount('ada', 'One', { commandId: 'id-1' });
    const other = await world.createAccount('ada', 'Two', { commandId: 'id-1' });
    expect(other).toMatchObject({ ok: false, error: { code: 'command_id_reused' } });
    expect(await first).toMatchObject({ ok: true });
    expect(await world.createAccount('ada', 'Two', { commandId: 'id-1' })).toMatchObject({
      error: { code: 'command_id_reused' },
    });
    // Another user's commands are another scope.
    expect(await world.createAccount('bob', 'Two', { commandId: 'id-1' })).toMatchObject({ ok: true });
  });

  test('[RUN-10] a late command is refused, and its refusal is remembered', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const late = { commandId: 'late', validUntil: world.clock.now() - 1 };
    const head = world.head('ada');
    const refused = await world.createAccount('ada', 'Late', late);
    expect(refused).toMatchObject({ ok: false, error: { code: 'expired' } });
    expect(await world.createAccount('ada', 'Late', late)).toEqual(refused);
    expect(world.head('ada')).toBe(head);
  });

  test('[RUN-11] a new user’s desk is opened once, however many ask', async () => {
    const world = new EngineWorld();
    await Promise.all([
      world.commands.open('ada'),
      world.commands.open('ada'),
      world.createAccount('ada', 'More'),
    ]);
    expect(names(world, 'ada')).toEqual(['Simulated', 'More']);
  });
});

describe('a desk read back from the log', () => {
  test('[RUN-12] equals the live one, with and without a snapshot, and so does its view', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const [accountId] = world.engine.record('ada')?.desk.accounts.keys() ?? [];
    for (let n = 0; n < SNAPSHOT_EVERY_EVENTS + 20; n++) {
      await world.command('ada', 'accounts.update', { accountId, name: `Name ${n}` });
      if (n % 130 !== 0) continue;
      const loaded = await loadDesk(world.log, 'ada', world.store.epoch);
      const live = world.engine.record('ada');
      expect(serializeDesk(loaded.desk)).toBe(live === undefined ? '' : serializeDesk(live.desk));
      expect(loaded.view).toEqual(live?.view);
    }
    expect(world.store.desks.get('ada')?.snapshot?.seq).toBeGreaterThanOrEqual(SNAPSHOT_EVERY_EVENTS);
    const loaded = await loadDesk(world.log, 'ada', world.store.epoch);
    expect(loaded.snapshotSeq).toBeGreaterThan(0);
    expect(loaded.desk.seq).toBe(world.head('ada'));
  });

  test('[RUN-13] events of a newer server are refused, not guessed', async () => {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const event = world.store.desks.get('ada')?.events[0];
    if (event !== undefined) event.version = 99;
    await expect(loadDesk(world.log, 'ada', world.store.epoch)).rejects.toThrow('update it');
  });
});

describe('with a full inbox', () => {
  const ARGS: Partial<Record<CommandName, unknown>> = {
    'bots.pause': { botId: 'none' },
    'bots.stop': { botId: 'none', positions: 'close' },
    'bots.stopAll': { positions: 'close' },
    'orders.cancel': { orderId: 'none' },
    'positions.close': { accountId: 'none', symbol: 'BTCUSDT' },
    'positions.reduce': { accountId: 'none', symbol: 'BTCUSDT', size: '1' },
    'emergency.stop': {},
  };
  const exits = OP_NAMES.filter((name) => ops[name].class === 'exit' && !name.startsWith('admin.'));

  async function overloaded(): Promise<EngineWorld> {
    const world = new EngineWorld();
    await world.commands.open('ada');
    const unknown = { type: 'OrderFound', orderId: 'none', order: null } as const;
    for (let n = 0; n < INBOX_LIMIT; n += 1) world.engine.submit('ada', unknown);
    return world;
  }

  test('[EMER-21] [FOUND-31] [N8] every op of the class `exit` is taken', async () => {
    const world = await overloaded();
    expect(exits.filter((name) => !(name in ARGS))).toEqual([]);
    const replies = await Promise.all(
      exits.map((name) => world.command('ada', name as CommandName, ARGS[name as CommandName])),
    );
    for (const reply of replies) expect(reply.ok ? '' : reply.error.message).not.toContain('overloaded');
  });

  test('[EMER-21] [N8] other commands are refused', async () => {
    const world = await overloaded();
    const reply = await world.command('ada', 'bots.startAll', {});
    expect(reply).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
  });
});

test('[FOUND-7] [RUN-18] [RUN-32] from a desk that stands still no entry leaves, and exits do within their time', async () => {
  const world = new EngineWorld();
  await world.commands.open('ada');
  const order = sampleOrder({ orderId: 'order-1', venueOrderId: null });
  const place = (reduceOnly: boolean, notAfter: number | null = null): Effect => ({
    type: 'PlaceOrder',
    venue: 'sim',
    order: { ...order, reduceOnly, notAfter },
  });
  const record = world.engine.record('ada');
  if (record !== undefined) record.state = 'reloading';
  const now = world.context.marketTime('sim');
  expect(world.engine.withdrawn('ada', place(true, now - 1))).toMatchObject({ why: 'late' });
  expect(world.engine.withdrawn('ada', place(true, now))).toBeNull();
  expect(world.engine.withdrawn('ada', place(false))).toMatchObject({ type: 'OrderWithdrawn' });
  expect(world.engine.withdrawn('ada', place(true))).toBeNull();
});
