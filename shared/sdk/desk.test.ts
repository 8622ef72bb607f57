import { afterEach, describe, expect, test } from 'vitest';
import { sampleError } from '../../server/testing/sampleError.ts';
import { ClientScenario } from '../../server/testing/sdk/clientScenario.ts';
import { bodyOf, bot, fill, frame } from '../../server/testing/sdk/frameSamples.ts';
import { until } from '../../server/testing/sdk/until.ts';
import { CLOSE } from '../protocol/closeCodes.ts';
import { FRAME_KINDS } from '../protocol/frames.ts';
import { VIEW_VERSION } from '../protocol/version.ts';
import { emptyView } from '../view/view.ts';
import { nodeWebSocket } from './nodeWebSocket.ts';
import type { WebSocketFactory } from './webSocket.ts';

let scenario: ClientScenario;
afterEach(() => scenario.stop());

function commitSome(count: number, silently = false): void {
  const { server } = scenario;
  for (let n = 0; n < count; n += 1) {
    const seq = server.head.seq;
    const kind = FRAME_KINDS[(seq * 7) % FRAME_KINDS.length] ?? 'Internal';
    server.commit(bodyOf(kind, seq, seq), silently);
  }
}

const joins = () => scenario.server.sent('subscribe').filter(({ args }) => String(args.channels) === 'desk');
const foldedSeqs = () =>
  scenario.changes.flatMap(({ frames }) => (frames === 'snapshot' ? [] : frames.map(({ seq }) => seq)));

describe('joining', () => {
  test('[SDK-20] takes a snapshot first and follows from there', async () => {
    scenario = await ClientScenario.start();
    commitSome(40);
    await scenario.live();
    expect(joins()[0]?.args).toEqual({ channels: ['desk'] });
    expect(scenario.client.position).toEqual({ epoch: 'epoch1', seq: 40 });
    expect(scenario.client.hash()).toBe(scenario.server.hash);
    commitSome(30);
    await scenario.caughtUp();
    expect(scenario.client.hash()).toBe(scenario.server.hash);
    expect(foldedSeqs()).toEqual(Array.from({ length: 30 }, (_, n) => 41 + n));
  });

  test('[SDK-30] folds a frame that is handed over in the same turn as the reply to the join', async () => {
    const held: (() => void)[] = [];
    const webSocket: WebSocketFactory = (url, protocol) => {
      const socket = nodeWebSocket(url, protocol);
      let take: typeof socket.onmessage = null;
      Object.defineProperty(socket, 'onmessage', {
        get: () => (event: { data: unknown }) => {
          held.push(() => take?.(event));
          // The reply waits for what comes next: then both arrive at once, as in one packet.
          if (held.length > 1 || !String(event.data).includes('"recovered"'))
            for (const deliver of held.splice(0)) deliver();
        },
        set: (handler: typeof socket.onmessage) => {
          take = handler;
        },
      });
      return socket;
    };
    scenario = await ClientScenario.start({ webSocket });
    commitSome(5);
    scenario.client.connect();
    await until(() => held.length > 0, 'the reply to the join is held');
    commitSome(3);
    await scenario.caughtUp();
    expect(scenario.client.hash()).toBe(scenario.server.hash);
    expect(joins()).toHaveLength(1);
  });

  test('[SDK-20] never shows a snapshot that does not match its hash', async () => {
    scenario = await ClientScenario.start();
    commitSome(5);
    scenario.server.answer = (request) => {
      if (request.op !== 'subscribe') return undefined;
      const desk = scenario.server.join(undefined);
      return { result: { channels: ['desk'], desk: { ...desk, hash: '00' } } };
    };
    scenario.client.connect();
    await until(
      () => scenario.client.status.reason === 'the snapshot does not match its hash',
      'the refusal',
    );
    expect(scenario.client.status.state).toBe('resuming');
    expect(scenario.client.view).toEqual(emptyView());
    expect(scenario.client.position).toBeUndefined();
    scenario.server.answer = () => undefined;
    scenario.clock.advance(1_000);
    await scenario.untilState('live');
    expect(scenario.client.hash()).toBe(scenario.server.hash);
  });

  test('[SDK-26] compares no hashes with a server of another view version', async () => {
    scenario = await ClientScenario.start();
    scenario.server.viewVersion = VIEW_VERSION + 1;
    scenario.server.answer = (request) =>
      request.op === 'subscribe'
        ? { result: { channels: ['desk'], desk: { ...scenario.server.join(undefined), hash: '00' } } }
        : undefined;
    await scenario.live();
    expect(scenario.client.session?.viewVersion).toBe(VIEW_VERSION + 1);
  });

  test('[SDK-28] joins ever more slowly while joining fails', async () => {
    scenario = await ClientScenario.start();
    scenario.server.answer = (request) =>
      request.op === 'subscribe' ? { error: sampleError('unavailable', 'no database') } : undefined;
    scenario.client.connect();
    const waits: number[] = [];
    for (let n = 1; n <= 4; n += 1) {
      await until(
        () => joins().length === n && scenario.client.status.reason === 'no database',
        `attempt ${n}`,
      );
      await scenario.roundTrip();
      const startedAt = scenario.clock.now();
      while (joins().length === n) {
        scenario.clock.advance(500);
        await scenario.roundTrip();
      }
      waits.push(scenario.clock.now() - startedAt);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  });
});

describe('resuming', () => {
  test('[SDK-21] folds what it missed, each frame once', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    commitSome(50);
    await scenario.caughtUp();
    scenario.server.peer.cut();
    commitSome(60);
    await scenario.comeBack();
    expect(joins()[1]?.args).toEqual({ channels: ['desk'], since: { epoch: 'epoch1', seq: 50 } });
    commitSome(10);
    await scenario.caughtUp();
    expect(foldedSeqs()).toEqual(Array.from({ length: 120 }, (_, n) => 1 + n));
    expect(scenario.client.hash()).toBe(scenario.server.hash);
  });

  test('[SDK-21] is told with a snapshot when too much was missed', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.peer.cut();
    commitSome(1_001);
    await scenario.comeBack();
    expect(scenario.changes).toEqual([{ frames: 'snapshot' }, { frames: 'snapshot' }]);
    expect(scenario.client.hash()).toBe(scenario.server.hash);
  });

  test('[SDK-21] stays equal to the server through many cuts at any moment', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    for (let cut = 0; cut < 60; cut += 1) {
      commitSome(1 + (cut % 9));
      if (cut % 10 === 9) commitSome(1_001, true);
      // Cut at once, in the middle of the stream, or after it arrived.
      if (cut % 3 === 0) await scenario.roundTrip();
      if (cut % 3 === 1) await new Promise((resolve) => setImmediate(resolve));
      const { peer } = scenario.server;
      peer.cut();
      commitSome(cut % 4);
      await scenario.comeBack();
    }
    await scenario.caughtUp();
    expect(scenario.client.hash()).toBe(scenario.server.hash);
    // What was told as frames is strictly ascending: nothing twice, and a snapshot wherever numbers are left out.
    let last = 0;
    let afterSnapshot = true;
    for (const { frames } of scenario.changes) {
      if (frames === 'snapshot') afterSnapshot = true;
      else
        for (const { seq } of frames) {
          if (afterSnapshot) expect(seq).toBeGreaterThan(last);
          else expect(seq).toBe(last + 1);
          afterSnapshot = false;
          last = seq;
        }
    }
  });

  test('[SDK-22] notices a lost frame by the next one', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    commitSome(3);
    await scenario.caughtUp();
    commitSome(1, true);
    commitSome(2);
    await until(() => scenario.state() === 'resuming', 'the gap is noticed');
    expect(scenario.client.status.reason).toBe('a frame is missing before 5');
    scenario.clock.advance(1_000);
    await scenario.caughtUp();
    expect(joins()[1]?.args).toMatchObject({ since: { seq: 3 } });
    expect(foldedSeqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(scenario.client.hash()).toBe(scenario.server.hash);
  });

  test('[SDK-22] notices a lost last frame by the head', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    commitSome(4, true);
    await scenario.roundTrip();
    expect(scenario.client.position?.seq).toBe(0);
    scenario.server.pushHead();
    await scenario.untilState('resuming');
    scenario.clock.advance(1_000);
    await scenario.untilState('live');
    expect(foldedSeqs()).toEqual([1, 2, 3, 4]);
  });

  test('[SDK-28] joins at most once a second, however often frames are lost', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.answer = (request, peer) => {
      if (request.op !== 'subscribe') return undefined;
      // Each reply is followed by a gap.
      queueMicrotask(() =>
        peer.send(frame('epoch1', scenario.server.head.seq + 5, { kind: 'Internal', data: {} })),
      );
      return undefined;
    };
    scenario.server.peer.send(frame('epoch1', 5, { kind: 'Internal', data: {} }));
    await scenario.untilState('resuming');
    for (let n = 0; n < 10; n += 1) {
      scenario.clock.advance(100);
      await scenario.roundTrip();
    }
    expect(joins()).toHaveLength(2);
  });

  test('[SDK-23] ignores what it has', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    commitSome(8);
    await scenario.caughtUp();
    for (const old of scenario.server.frames) scenario.server.peer.send(old);
    await scenario.roundTrip();
    expect(foldedSeqs()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(scenario.client.hash()).toBe(scenario.server.hash);
    expect(joins()).toHaveLength(1);
    expect(scenario.state()).toBe('live');
  });

  test('[SDK-24] gets a snapshot of another log, in the same view object', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    const { view } = scenario.client;
    const bots = 'bot1' in view.bots;
    scenario.server.commit({ kind: 'BotCreated', data: { bot: bot(1) } });
    scenario.server.commit({ kind: 'BotCreated', data: { bot: bot(2) } });
    await scenario.caughtUp();
    scenario.server.peer.cut();
    await scenario.untilState('offline');
    scenario.server.renewEpoch('epoch2', 1);
    await scenario.comeBack();
    expect(bots).toBe(false);
    expect(scenario.client.view).toBe(view);
    expect(Object.keys(view.bots)).toEqual(['bot1']);
    expect(scenario.client.position).toEqual({ epoch: 'epoch2', seq: 1 });
    expect(scenario.client.hash()).toBe(scenario.server.hash);
  });

  test('[SDK-24] gets a snapshot when the server is behind it', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    commitSome(9);
    await scenario.caughtUp();
    scenario.server.peer.cut();
    scenario.server.renewEpoch('epoch1', 4);
    await scenario.comeBack();
    expect(scenario.client.position?.seq).toBe(4);
    expect(scenario.client.hash()).toBe(scenario.server.hash);
  });

  test('[SDK-27] does not take a part for the whole', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    commitSome(6, true);
    let partial = true;
    scenario.server.answer = (request) => {
      if (request.op !== 'subscribe' || !partial) return undefined;
      partial = false;
      const at = scenario.server.head;
      const frames = scenario.server.frames.slice(0, 4);
      return { result: { channels: ['desk'], desk: { at, recovered: true, frames } } };
    };
    scenario.server.pushHead();
    await scenario.untilState('resuming');
    scenario.clock.advance(1_000);
    await until(() => scenario.client.status.reason === 'what was missed came incomplete', 'the refusal');
    scenario.clock.advance(1_000);
    await scenario.untilState('live');
    expect(joins().at(-1)?.args).toEqual({ channels: ['desk'] });
    expect(scenario.client.hash()).toBe(scenario.server.hash);
  });

  test.each([undefined, null, {}, { recovered: true }, { recovered: false, at: null }])(
    '[SDK-27] does not trip over a join that is none: %j',
    async (desk) => {
      scenario = await ClientScenario.start();
      scenario.server.answer = (request) =>
        request.op === 'subscribe' ? { result: { channels: ['desk'], desk } } : undefined;
      scenario.client.connect();
      await until(() => scenario.client.status.reason !== null, 'the refusal');
      scenario.server.answer = () => undefined;
      scenario.clock.advance(1_000);
      await scenario.untilState('live');
      expect(scenario.client.hash()).toBe(scenario.server.hash);
    },
  );

  test('[SDK-27] asks for a snapshot after a frame that cannot be folded', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.commit({ kind: 'BotCreated', data: { bot: bot(1) } }, true);
    scenario.server.peer.send({ ...frame('epoch1', 1, { kind: 'Internal', data: {} }), kind: 'BotCreated' });
    await scenario.untilState('resuming');
    scenario.clock.advance(1_000);
    await scenario.untilState('live');
    expect(scenario.client.hash()).toBe(scenario.server.hash);
  });
});

describe('telling', () => {
  test('[SDK-25] tells a join once, and stops for no failing listener', async () => {
    scenario = await ClientScenario.start();
    const failures: unknown[] = [];
    const caught = (error: unknown) => failures.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', caught);
    try {
      scenario.client.onView(() => {
        throw new Error('a bug of the program');
      });
      const told: unknown[] = [];
      const stop = scenario.client.onView(({ frames }) => told.push(frames));
      await scenario.live();
      commitSome(5, true);
      scenario.server.peer.close(CLOSE.resync);
      await scenario.comeBack();
      expect(told).toEqual(['snapshot', scenario.server.frames]);
      stop();
      commitSome(1);
      await scenario.caughtUp();
      expect(told).toHaveLength(2);
      await until(() => failures.length >= 3, 'the failures are reported');
    } finally {
      process.off('uncaughtException', caught);
      for (const other of others) process.on('uncaughtException', other);
    }
  });

  test('[SDK-62] tells how old the newest frame was on arrival, by the server clock', async () => {
    scenario = await ClientScenario.start({}, 500_000);
    await scenario.live();
    expect(scenario.client.status.lagMs).toBeNull();
    expect(scenario.client.serverNow()).toBe(scenario.clock.now() + 500_000);
    scenario.server.commit({ kind: 'FillRecorded', data: { fill: fill(1) } });
    await until(() => scenario.client.status.lagMs === 0, 'lag 0');
    scenario.server.commit({ kind: 'FillRecorded', data: { fill: fill(2) } });
    scenario.clock.advance(70);
    await until(() => scenario.client.status.lagMs === 70, 'lag 70');
  });
});

describe('acknowledging', () => {
  const acked = () => scenario.server.sent('ack').map(({ args }) => args.seq);

  test('[SDK-29] fills and stops at once, at most 20 a second', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    await until(() => acked().length === 1, 'the join is acknowledged');
    scenario.clock.advance(50);
    for (let n = 1; n <= 5; n += 1) scenario.server.commit({ kind: 'FillRecorded', data: { fill: fill(n) } });
    await scenario.caughtUp();
    await scenario.roundTrip();
    expect(acked()).toEqual([0, 1]);
    scenario.clock.advance(49);
    await scenario.roundTrip();
    expect(acked()).toEqual([0, 1]);
    scenario.clock.advance(1);
    await scenario.roundTrip();
    expect(acked()).toEqual([0, 1, 5]);
  });

  test('[SDK-29] everything else once a second', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.clock.advance(999);
    for (let n = 1; n <= 5; n += 1) scenario.server.commit({ kind: 'BotNote', data: { bot: bot(n) } });
    await scenario.caughtUp();
    await scenario.roundTrip();
    expect(acked()).toEqual([0]);
    scenario.clock.advance(1);
    await scenario.roundTrip();
    expect(acked()).toEqual([0, 5]);
  });

  test('[SDK-29] what is urgent does not wait for what is not, and takes it along', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.clock.advance(100);
    scenario.server.commit({ kind: 'BotNote', data: { bot: bot(1) } });
    await scenario.caughtUp();
    await scenario.roundTrip();
    expect(acked()).toEqual([0]);
    scenario.server.commit({ kind: 'FillRecorded', data: { fill: fill(1) } });
    await scenario.caughtUp();
    await scenario.roundTrip();
    expect(acked()).toEqual([0, 2]);
    scenario.clock.advance(2_000);
    await scenario.roundTrip();
    expect(acked()).toEqual([0, 2]);
  });

  test('[SDK-29] what is not urgent does not put off what is', async () => {
    scenario = await ClientScenario.start();
    await scenario.live();
    scenario.server.commit({ kind: 'FillRecorded', data: { fill: fill(1) } });
    scenario.server.commit({ kind: 'BotNote', data: { bot: bot(1) } });
    await scenario.caughtUp();
    scenario.clock.advance(50);
    await scenario.roundTrip();
    expect(acked()).toEqual([0, 2]);
  });

  test('[SDK-29] heads at once, also when nothing is new', async () => {
    scenario = await ClientScenario.start();
    commitSome(3);
    await scenario.live();
    scenario.clock.advance(10_000);
    await scenario.roundTrip();
    scenario.server.pushHead();
    await scenario.roundTrip();
    expect(acked()).toEqual([3, 3]);
    expect(joins()).toHaveLength(1);
  });
});
