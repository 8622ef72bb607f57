import { describe, expect, test } from 'vitest';
import type { DeskEvent } from '../../core/events.ts';
import { decodeEvent } from '../../runtime/storedEvents.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { Random } from '../random.ts';
import { drain } from './drain.ts';
import { Gate } from './gate.ts';
import { HostWorld } from './hostWorld.ts';
import { inOneTurn } from './inOneTurn.ts';

const DESK = 'ada';

const stored = (world: HostWorld): DeskEvent[] =>
  (world.store.desks.get(DESK)?.events ?? []).map(decodeEvent);

const accountStates = (world: HostWorld): string[] =>
  [...(world.kernel.engine.record(DESK)?.desk.accounts.values() ?? [])].map(({ account }) => account.status);

const recordedFills = (world: HostWorld): string[] =>
  stored(world).flatMap((event) => (event.kind === 'FillRecorded' ? [event.data.fill.fillId] : []));

const venueFills = (world: HostWorld): string[] =>
  [...world.venue.books.values()].flatMap(({ fills }) => fills.map(({ fillId }) => fillId));

function trading(seed: number): HostWorld {
  const world = new HostWorld(seed, new RecordingLogger());
  world.pass(1_000);
  world.openDesk(DESK);
  return world;
}

/** The bot ends, and everything that is under way. */
function comeToRest(world: HostWorld): void {
  const reply = world.command(DESK, 'bots.stopAll', { positions: 'close' });
  expect(reply).toMatchObject({ ok: true });
  world.pass(60_000);
}

describe('a kernel on the ports of a schedule', () => {
  test('[SIMU-11] trades for minutes within one turn of the loop, the same seed to the last byte', async () => {
    const play = (seed: number) =>
      inOneTurn(() => {
        const world = trading(seed);
        world.pass(120_000);
        return world;
      });
    const world = await play(1);
    expect(recordedFills(world).length).toBeGreaterThan(5);
    const again = await play(1);
    expect(again.store.desks.get(DESK)?.events).toEqual(world.store.desks.get(DESK)?.events);
    expect((await play(2)).store.desks.get(DESK)?.events).not.toEqual(world.store.desks.get(DESK)?.events);
  });

  test('[SIMU-11] asleep it does nothing and hears nothing; awake it hears all of it, in order', async () => {
    const world = await inOneTurn(() => trading(3));
    await inOneTurn(() => {
      world.pass(10_000);
      world.host.gate.sleep();
      // What was on its way to the log when it fell asleep gets there.
      world.pass(100);
      const before = stored(world).length;
      world.pass(5_000);
      expect(stored(world)).toHaveLength(before);
      world.host.gate.wake();
      world.pass(5_000);
      expect(stored(world).length).toBeGreaterThan(before);
      comeToRest(world);
    });
    expect(recordedFills(world).sort()).toEqual(venueFills(world).sort());
  });

  test('[SIMU-11] killed again and again, whatever was under way, its log has every fill of the venue once', async () => {
    const world = await inOneTurn(() => trading(4));
    await inOneTurn(() => {
      const random = new Random(4, 2);
      for (let life = 0; life < 12; life += 1) {
        world.pass(random.between(1_000, 8_000));
        world.host.gate.die();
        // What was on its way gets there.
        world.pass(100);
        const before = stored(world).length;
        world.startProcess();
        world.pass(2_000);
        expect(stored(world)[before]?.kind).toBe('DeskRecovered');
        expect(accountStates(world)).toEqual(['ready']);
      }
      comeToRest(world);
    });
    expect(recordedFills(world).length).toBeGreaterThan(5);
    expect(recordedFills(world).sort()).toEqual(venueFills(world).sort());
    expect(world.kernel.engine.record(DESK)?.desk.positions.size).toBe(0);
  });
});

test('[SIMU-11] a gate lets through at once, keeps for who sleeps, in order, and nothing for the dead', async () => {
  const heard: string[] = [];
  const say = (what: string) => () => void heard.push(what);
  await inOneTurn(() => {
    const gate = new Gate();
    gate.run(say('at once'));
    gate.sleep();
    gate.run(say('first'));
    gate.run(() => {
      heard.push('second');
      gate.sleep();
    });
    gate.run(say('third'));
    expect(heard).toEqual(['at once']);
    gate.wake();
    expect(heard).toEqual(['at once', 'first', 'second']);
    gate.wake();
    expect(heard).toEqual(['at once', 'first', 'second', 'third']);
    gate.sleep();
    gate.run(say('never'));
    gate.die();
    gate.wake();
    gate.run(say('never'));
    expect(heard).toHaveLength(4);
  });
});

test('[SIMU-11] what promises lead to has happened once they are drained', async () => {
  await inOneTurn(() => {
    let reached = 0;
    const chain = async (): Promise<void> => {
      for (let n = 0; n < 100; n += 1) await null;
      reached += 1;
    };
    void chain().then(chain);
    expect(reached).toBe(0);
    drain();
    expect(reached).toBe(2);
  });
});
