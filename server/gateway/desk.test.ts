import { describe, expect, it } from 'vitest';
import { hashView } from '../../shared/view/hashView.ts';
import { DeskFold } from '../testing/deskFold.ts';
import { NEW_BOT, sampleBot, sampleFill, sampleOrder } from '../testing/deskSamples.ts';
import type { FakeDesks } from '../testing/fakeDesks.ts';
import { inLongForm } from '../testing/longForm.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import type { WireClient } from '../testing/wireClient.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const FRAMES = inLongForm(3_000, 1_200);
const JOINS = FRAMES / 10;

const start = worldStarter();

/** The same numbers for the same seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of several kinds of frames, with entities that come, change and go. */
function appendAny(desks: FakeDesks, deskId: string, random: () => number): void {
  const which = Math.floor(random() * 5);
  const key = `e${Math.floor(random() * 20)}`;
  const name = `${random()}`;
  if (which === 0) desks.append(deskId, 'BotUpdated', { bot: sampleBot({ botId: key, name }) });
  else if (which === 1) desks.append(deskId, 'BotDeleted', { botId: key });
  else if (which === 2) desks.append(deskId, 'FillRecorded', { fill: sampleFill({ fillId: name }) });
  else if (which === 3) {
    const status = random() < 0.5 ? 'open' : 'filled';
    desks.append(deskId, 'OrderUpdated', { order: sampleOrder({ orderId: key, status }) });
  } else desks.append(deskId, 'Internal', {});
}

/** Lets the loop turn, so that sockets and timers get on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function join(client: WireClient, fold: DeskFold, resume: boolean): Promise<void> {
  const from = client.pushes.length;
  const since = resume ? { since: fold.since } : {};
  fold.join(await client.request('subscribe', { channels: ['desk'], ...since }));
  for (const push of client.pushes.slice(from)) fold.push(push);
}

/** Joined, and folding all that comes. */
async function follow(client: WireClient, fold = new DeskFold(), resume = false): Promise<DeskFold> {
  await join(client, fold, resume);
  client.onPush = (push) => fold.push(push);
  return fold;
}

describe('joining a desk', () => {
  it('[WS-14] gives a snapshot with the hash of its view, then every frame', async () => {
    const world = await start();
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    world.desks.append(deskId, 'BotCreated', { bot: sampleBot({ botId: 'b1' }) });
    const client = await world.session(tokens);
    const fold = await follow(client);
    expect(fold.view.bots).toHaveProperty('b1');
    for (let n = 0; n < 100; n += 1) world.desks.append(deskId, 'Internal', {});
    await client.until(() => fold.seq === world.desks.head(deskId));
    expect(fold.hash).toBe(hashView('epoch-1', fold.seq, world.desks.viewAt(deskId, fold.seq)));
  });

  it(`[WS-14] races with publishing: ${FRAMES} frames, ${JOINS} joins and resumes, never a gap or a repeat, hashes equal`, async () => {
    const world = await start({
      limits: { connectionsPerUser: 400, userRate: { perSecond: 1e6, burst: 1e6 } },
    });
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    const random = randomOf(20_261_122);
    const folds: Array<{ client: WireClient; fold: DeskFold }> = [];
    const joins: Promise<void>[] = [];
    const begin = async (): Promise<void> => {
      const client = await world.session(tokens);
      const fold = await follow(client);
      folds.push({ client, fold });
    };
    /** Gone and back: the frames missed meanwhile, or the view, then live again. */
    const comeBack = async (at: number): Promise<void> => {
      const entry = folds[at];
      if (entry === undefined) return;
      entry.client.ws.terminate();
      await entry.client.closed();
      entry.client = await world.session(tokens);
      await follow(entry.client, entry.fold, true);
    };
    for (let n = 0; n < FRAMES; n += 1) {
      appendAny(world.desks, deskId, random);
      if (n % 60 === 0) joins.push(begin());
      if (n % 12 === 0 && joins.length < JOINS) {
        await Promise.all(joins);
        joins.push(comeBack(Math.floor(random() * folds.length)));
      }
      if (random() < 0.3) await turn();
    }
    await Promise.all(joins);
    const head = world.desks.head(deskId);
    const hash = hashView('epoch-1', head, world.desks.viewAt(deskId, head));
    expect(folds.length).toBe(FRAMES / 60);
    expect(folds.reduce((sum, { fold }) => sum + fold.resumes, 0)).toBeGreaterThan(JOINS / 2);
    for (const { client, fold } of folds) {
      await client.until(() => fold.seq === head);
      expect(fold.hash).toBe(hash);
      expect(new Set(fold.seqs).size).toBe(fold.seqs.length);
    }
  });

  it('[WS-14] answers a second subscribe on the same socket without losing or repeating a frame', async () => {
    const world = await start();
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    const client = await world.session(tokens);
    const fold = await follow(client);
    world.desks.append(deskId, 'Internal', {});
    await client.until(() => fold.seq === world.desks.head(deskId));
    client.onPush = undefined;
    world.desks.append(deskId, 'Internal', {});
    const reply = await client.request('subscribe', { channels: ['desk'], since: fold.since });
    const counted = new Set(client.of('desk').flatMap((push) => ('seq' in push ? [push.seq] : [])));
    expect(reply).toMatchObject({ ok: true, result: { desk: { recovered: true } } });
    expect(counted.size).toBe(client.of('desk').length);
  });
});

describe('resuming', () => {
  it.each([{ ringFrames: 10 }, { ringBytes: 2_000 }, {}])(
    '[WS-16] sends exactly what was missed, from memory or from the log: %o',
    async (limits) => {
      const world = await start({ limits });
      const tokens = await world.user();
      const deskId = tokens.grant.userId;
      await follow(await world.session(tokens));
      for (let n = 0; n < 200; n += 1) world.desks.append(deskId, 'Internal', {});
      const head = world.desks.head(deskId);
      for (const missed of [0, 1, 10, 11, 150]) {
        const client = await world.session(tokens);
        const reply = await client.request('subscribe', {
          channels: ['desk'],
          since: { epoch: 'epoch-1', seq: head - missed },
        });
        const desk = reply.ok
          ? (reply.result.desk as { recovered: boolean; frames: Array<{ seq: number }> })
          : undefined;
        expect(desk?.recovered).toBe(true);
        expect(desk?.frames.map(({ seq }) => seq)).toEqual(
          Array.from({ length: missed }, (_, index) => head - missed + 1 + index),
        );
      }
    },
  );

  it('[WS-16] sends a snapshot after more than 1,000 frames, for another epoch, and for a seq beyond the head', async () => {
    const world = await start();
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    for (let n = 0; n < 1_100; n += 1) world.desks.append(deskId, 'Internal', {});
    const head = world.desks.head(deskId);
    const client = await world.session(tokens);
    for (const since of [
      { epoch: 'epoch-1', seq: head - 1_001 },
      { epoch: 'epoch-0', seq: head },
      { epoch: 'epoch-1', seq: head + 1 },
    ]) {
      const reply = await client.request('subscribe', { channels: ['desk'], since });
      expect(reply).toMatchObject({ ok: true, result: { desk: { at: { seq: head }, recovered: false } } });
    }
  });

  it('[WS-16] a seq beyond the head, however often, is one warning a minute with the number, never an alarm', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    const head = world.desks.append(deskId, 'Internal', {});
    const client = await world.session(tokens);
    const resume = async (): Promise<void> => {
      const since = { epoch: 'epoch-1', seq: head + 7 };
      const reply = await client.request('subscribe', { channels: ['desk'], since });
      expect(reply).toMatchObject({ ok: true, result: { desk: { at: { seq: head }, recovered: false } } });
    };
    for (let n = 0; n < 20; n += 1) await resume();
    clock.advance(60_001);
    await resume();
    const told = world.logger.lines.filter(({ message }) => message.includes('ahead of the log'));
    expect(told.map(({ level, fields }) => [level, fields])).toEqual([
      ['warn', { deskId, seq: head, clientSeq: head + 7, times: 1 }],
      ['warn', { deskId, seq: head, clientSeq: head + 7, times: 20 }],
    ]);
    expect(world.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('[WS-16] reads the log first when a client is ahead only because the bus was late', async () => {
    const world = await start();
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    await follow(await world.session(tokens));
    world.desks.loses = () => true;
    const head = world.desks.append(deskId, 'Internal', {});
    const client = await world.session(tokens);
    const reply = await client.request('subscribe', {
      channels: ['desk'],
      since: { epoch: 'epoch-1', seq: head },
    });
    expect(reply).toMatchObject({ ok: true, result: { desk: { recovered: true, frames: [] } } });
    expect(world.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('what the bus lost', () => {
  it('[WS-15] is read from the log as soon as a later frame shows the gap, at random, in order', async () => {
    const world = await start();
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    const client = await world.session(tokens);
    const fold = await follow(client);
    const random = randomOf(7);
    world.desks.loses = () => random() < 0.3;
    world.desks.delay = async () => {
      await turn();
      if (random() < 0.5) await turn();
    };
    for (let n = 0; n < 1_000; n += 1) {
      appendAny(world.desks, deskId, random);
      if (random() < 0.3) await turn();
    }
    world.desks.loses = () => false;
    const head = world.desks.append(deskId, 'Internal', {});
    await client.until(() => fold.seq === head);
    expect(fold.seqs).toEqual(Array.from({ length: head - 1 }, (_, index) => index + 2));
    expect(fold.hash).toBe(hashView('epoch-1', head, world.desks.viewAt(deskId, head)));
  });

  it('[WS-15] is noticed by the heads of the owner, even the last frame', async () => {
    const world = await start();
    const tokens = await world.user();
    const client = await world.session(tokens);
    const fold = await follow(client);
    world.desks.loses = () => true;
    const head = world.desks.append(tokens.grant.userId, 'Internal', {});
    world.desks.publishHeads();
    await client.until(() => fold.seq === head);
  });

  it('[WS-15] is noticed by reading the heads from the log every few seconds, and after the bus came back', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const tokens = await world.user();
    const client = await world.session(tokens);
    const fold = await follow(client);
    world.desks.loses = () => true;
    const head = world.desks.append(tokens.grant.userId, 'Internal', {});
    clock.advance(3_500);
    await client.until(() => fold.seq === head);
    // While the log is away nothing breaks; the next reading finds what is missing.
    world.desks.isLogDown = true;
    const later = world.desks.append(tokens.grant.userId, 'Internal', {});
    clock.advance(3_500);
    await turn();
    world.desks.isLogDown = false;
    clock.advance(3_500);
    await client.until(() => fold.seq === later);
  });
});

describe('a served desk', () => {
  it('[WS-17] tells its head every 10 s', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const tokens = await world.user();
    const client = await world.session(tokens);
    const fold = await follow(client);
    clock.advance(10_100);
    await client.until(() => client.of('desk').length === 1);
    expect(client.of('desk')[0]).toEqual({ ch: 'desk', kind: 'head', epoch: 'epoch-1', seq: fold.seq });
  });

  it('[WS-18] closes with 4002 when the log was restored, and gives a snapshot of the new epoch', async () => {
    const world = await start();
    const tokens = await world.user();
    const client = await world.session(tokens);
    await follow(client);
    world.desks.logEpoch = 'epoch-2';
    world.desks.publishHeads();
    await client.closed();
    expect(client.closeCode).toBe(4002);
    const again = await world.session(tokens);
    const reply = await again.request('subscribe', {
      channels: ['desk'],
      since: { epoch: 'epoch-1', seq: 1 },
    });
    expect(reply).toMatchObject({ result: { desk: { at: { epoch: 'epoch-2' }, recovered: false } } });
  });

  it('[WS-34] that does not fold ends its own sockets with 4002 and leaves publisher and other desks alone', async () => {
    const world = await start();
    const [ada, bob] = [await world.user(), await world.user()];
    const [broken, well] = [await world.session(ada), await world.session(bob)];
    await follow(broken);
    const fold = await follow(well);
    const poison = {
      ...world.desks.frames(ada.grant.userId)[0],
      seq: 2,
      kind: 'BotCreated',
      data: null,
    } as never;
    world.bus.publish({
      type: 'frames',
      deskId: ada.grant.userId,
      frames: [poison],
      times: { committedAt: 0 },
    });
    await broken.closed();
    expect(broken.closeCode).toBe(4002);
    const head = world.desks.append(bob.grant.userId, 'Internal', {});
    await well.until(() => fold.seq === head);
    await follow(await world.session(ada));
  });

  it('[WS-19] answers unavailable while the log cannot be read, and serves when it can', async () => {
    const world = await start();
    const tokens = await world.user();
    const client = await world.session(tokens);
    world.desks.isLogDown = true;
    expect(await client.request('subscribe', { channels: ['desk'] })).toMatchObject({
      error: { code: 'unavailable', retryable: true },
    });
    world.desks.isLogDown = false;
    await follow(client);
  });

  it('[WS-28] lists what the user was told is accepted, even when the bus has lost it', async () => {
    const world = await start();
    const tokens = await world.user();
    const client = await world.session(tokens);
    await follow(client);
    world.desks.loses = () => true;
    expect((await client.request('bots.create', NEW_BOT, { commandId: 'create-1' })).ok).toBe(true);
    expect(await client.request('bots.list', {})).toMatchObject({ result: { bots: [{ name: 'mine' }] } });
  });

  it('[WS-31] is forgotten a minute after its last socket, and read anew for the next', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    let reads = 0;
    const { baseView } = world.desks;
    world.desks.baseView = (id) => {
      reads += 1;
      return baseView.call(world.desks, id);
    };
    const visit = async (): Promise<void> => {
      const client = await world.session(tokens);
      const fold = await follow(client);
      expect(fold.seq).toBe(world.desks.head(deskId));
      client.ws.close();
      await client.closed();
      await turn();
    };
    await visit();
    clock.advance(30_000);
    await visit();
    expect(reads).toBe(1);
    clock.advance(62_000);
    world.desks.append(deskId, 'Internal', {});
    await visit();
    expect(reads).toBe(2);
  });

  it('[WS-30] is left by unsubscribe: no frame comes any more', async () => {
    const world = await start();
    const tokens = await world.user();
    const client = await world.session(tokens);
    await follow(client);
    expect(await client.request('unsubscribe', { channels: ['desk'] })).toMatchObject({
      result: { channels: [] },
    });
    world.desks.append(tokens.grant.userId, 'Internal', {});
    await turn();
    await client.request('ping', {});
    expect(client.of('desk')).toEqual([]);
  });
});
