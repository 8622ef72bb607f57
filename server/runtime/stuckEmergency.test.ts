import { afterEach, expect, test, vi } from 'vitest';
import { decide } from '../core/decide.ts';
import { enter } from '../testing/core/samples.ts';
import { BarsWorld, DESK } from '../testing/runtime/barsWorld.ts';
import { BoundedVenue } from './boundedVenue.ts';

/** Inputs of which decisions throw. */
let faulty: string[] = [];
const failing: typeof decide = (desk, input, context) => {
  if (faulty.includes(input.type)) throw new Error('a fault of ours');
  return decide(desk, input, context);
};

let world: BarsWorld;
afterEach(async () => {
  faulty = [];
  vi.restoreAllMocks();
  await world.stop();
});

test.each([
  ['its recovery', ['Recovered']],
  ['its recovery and the look after everything', ['Recovered', 'Tick']],
])(
  '[FOUND-11] [EMER-5] [EMER-2] an emergency on a desk of which %s fails is brought to its end while it is stuck',
  async (_what, inputs) => {
    world = new BarsWorld();
    world.decide = failing;
    await world.start();
    world.wants = (_openTime, held) => (held === null ? [enter('long')] : []);
    await world.until('a position under its stop', () => world.position?.stop?.state === 'resting');
    faulty = inputs;
    world.engine.submit(DESK, { type: 'Recovered', downMs: 0, latch: null });
    await world.until('it is stuck', () => world.engine.record(DESK)?.state === 'stuck');
    // By now the pauses are longer than what follows may take.
    await world.pass(10_000);
    const refusal = { outcome: 'rejected', code: 'maintenance', message: 'not now' } as const;
    const place = vi.spyOn(BoundedVenue.prototype, 'placeOrder');
    place.mockResolvedValueOnce(refusal).mockResolvedValueOnce(refusal);
    vi.spyOn(BoundedVenue.prototype, 'readAccount').mockRejectedValueOnce(new Error('no route'));
    await world.command('emergency.stop', {});
    const stage = () => [...world.desk.emergencies.values()][0]?.stage;
    await world.until('it is done', () => stage() === 'done');
    expect(world.engine.troubles.trouble(DESK)).toMatchObject({ reason: 'desk_stuck' });
    expect(world.desk.positions.size).toBe(0);
    expect([...world.desk.emergencies.values()][0]).toMatchObject({ residual: [] });
    expect(place.mock.calls.length).toBeGreaterThanOrEqual(3);
    faulty = [];
    await world.until('it is recovered', () => world.engine.troubles.count === 0);
  },
);
