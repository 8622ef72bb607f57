import { afterEach, expect, test, vi } from 'vitest';
import type { Input } from '../core/inputs.ts';
import { enter } from '../testing/core/samples.ts';
import { BarsWorld, DESK } from '../testing/runtime/barsWorld.ts';
import { BoundedVenue } from './boundedVenue.ts';

const faults = vi.hoisted(() => ({ failing: [] as string[] }));
vi.mock('../core/decide.ts', async (original) => {
  const real = await original<typeof import('../core/decide.ts')>();
  const decide: typeof real.decide = (desk, input: Input, context) => {
    if (faults.failing.includes(input.type)) throw new Error('a fault of ours');
    return real.decide(desk, input, context);
  };
  return { ...real, decide };
});

let world: BarsWorld;
afterEach(async () => {
  faults.failing = [];
  vi.restoreAllMocks();
  await world.stop();
});

test.each([
  ['its recovery', ['Recovered']],
  ['its recovery and the look after everything', ['Recovered', 'Tick']],
])(
  '[FOUND-11] [EMER-5] [EMER-2] an emergency on a desk of which %s fails is brought to its end while it is stuck',
  async (_what, failing) => {
    world = new BarsWorld();
    await world.start();
    world.wants = (_openTime, held) => (held === null ? [enter('long')] : []);
    await world.until('a position under its stop', () => world.position?.stop?.state === 'resting');
    faults.failing = failing;
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
    faults.failing = [];
    await world.until('it is recovered', () => world.engine.troubles.count === 0);
  },
);
