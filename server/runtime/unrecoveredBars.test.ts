import { afterEach, beforeEach, expect, test } from 'vitest';
import { decide } from '../core/decide.ts';
import { enter, exit } from '../testing/core/samples.ts';
import { BAR_WALL_MS, BarsWorld, DESK } from '../testing/runtime/barsWorld.ts';

const MINUTE_MS = 60_000;

/** Inputs of which decisions throw. */
let faulty: string[] = [];
let decided: string[] = [];
let world: BarsWorld;

beforeEach(async () => {
  world = new BarsWorld();
  world.decide = (desk, input, context) => {
    if (faulty.includes(input.type)) throw new Error('a fault of ours');
    decided.push(input.type);
    return decide(desk, input, context);
  };
  await world.start();
});
afterEach(async () => {
  faulty = [];
  decided = [];
  await world.stop();
});

/** Its recovery fails so often that it waits for longer than a few bars. */
async function getStuck(): Promise<void> {
  faulty = ['Recovered'];
  world.engine.submit(DESK, { type: 'Recovered', downMs: 0, latch: null });
  await world.until('it is stuck', () => world.engine.record(DESK)?.state === 'stuck');
  await world.pass(10 * BAR_WALL_MS);
}

async function recovered(): Promise<void> {
  faulty = [];
  await world.until('it is recovered', () => world.engine.troubles.count === 0);
}

const orders = (purpose: string) =>
  world.stored().flatMap((event) => {
    if (event.kind !== 'OrderSubmitted' || event.data.order.purpose !== purpose) return [];
    return [event.cause];
  });

test('[RUN-43] [FOUND-11] a desk that waits for its recovery enters on no bar, whatever time brings', async () => {
  await getStuck();
  const { length } = world.asked;
  const first = world.newestBar;
  world.wants = () => [enter('long')];
  await world.pass(4 * BAR_WALL_MS);
  expect(world.engine.record(DESK)?.state).toBe('stuck');
  expect(world.newestBar).toBeGreaterThan(first);
  expect(world.asked).toHaveLength(length);
  await recovered();
  await world.until('a position', () => world.position !== undefined);
  expect(orders('entry')).toHaveLength(1);
});

test('[RUN-43] [FOUND-1] [BOT-16] the bars that closed meanwhile are asked about once it has recovered, each once', async () => {
  world.wants = (_openTime, held) => (held === null ? [enter('long')] : []);
  await world.until('a position', () => world.position !== undefined);
  world.wants = () => [];
  await world.pass(BAR_WALL_MS);
  const last = world.newestBar;
  const exitBar = last + 5 * MINUTE_MS;
  world.wants = (openTime, held) => (held !== null && openTime === exitBar ? [exit('long')] : []);
  await getStuck();
  expect(world.newestBar).toBeGreaterThan(exitBar);
  expect(world.position).toBeDefined();
  await recovered();
  await world.until('the exit', () => world.position === undefined);
  expect(orders('exit')).toEqual([`bar:${exitBar}`]);
  const asked = world.asked.map(({ openTime }) => openTime).filter((openTime) => openTime > last);
  expect(asked).toEqual(asked.map((_, index) => last + (index + 1) * MINUTE_MS));
});

test('[RUN-43] what waited before a desk was read from the log is decided after its recovery', async () => {
  decided = [];
  world.engine.submit(DESK, { type: 'Tick' });
  world.engine.recover(DESK, [], { downMs: 0, latch: null });
  await world.until('both', () => decided.includes('Tick'));
  expect(decided.slice(0, 2)).toEqual(['Recovered', 'Tick']);
});
