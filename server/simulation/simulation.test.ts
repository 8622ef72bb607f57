import { describe, expect, test } from 'vitest';
import type { Effect } from '../core/effects.ts';
import { CHANCES, Coverage, STRIKES } from './faults.ts';
import { KEPT_SEEDS } from './keptSeeds.ts';
import { runSeed, type SeedResult } from './runSeed.ts';
import type { Sabotage } from './sabotage.ts';
import { historyOf, shorten } from './shrink.ts';
import { VENUE_KINDS } from './venueKinds.ts';

/** Of each profile, always the same ones. */
const FIXED_SEEDS = [101, 102, 103];
const STEPS = 450;

const results: SeedResult[] = [];

describe('the simulation', () => {
  test.each(VENUE_KINDS.flatMap((profile) => FIXED_SEEDS.map((seed) => ({ profile, seed }))))(
    '[SIMU-3] seed $seed at a venue like $profile breaks no invariant',
    ({ profile, seed }) => {
      const result = runSeed({ seed, profile, steps: STEPS });
      expect(result.failure).toBeNull();
      expect(result.steps).toBeGreaterThanOrEqual(STEPS);
      results.push(result);
    },
  );

  test('[SIMU-4] the fixed seeds meet every fault, crash point and strike', () => {
    const coverage = new Coverage();
    for (const result of results) coverage.add(result.coverage);
    const met = [...coverage.counts.keys()];
    const faults = [...Object.keys(CHANCES), ...Object.keys(STRIKES)].filter((name) => name !== 'command');
    expect(faults.filter((name) => !met.includes(`fault:${name}`))).toEqual([]);
    expect(coverage.counts.get('quiet phases')).toBeGreaterThanOrEqual(results.length);
  });

  test.each(KEPT_SEEDS)('[SIMU-6] kept seed $seed at $profile: $found', ({ seed, profile, steps }) => {
    expect(runSeed({ seed, profile, steps }).failure).toBeNull();
  });

  test('[SIMU-2] what changes nothing is a move of the world, and no step', () => {
    const { steps, moves } = runSeed({ seed: 7, profile: 'ideal', steps: 200 });
    const changes = historyOf({ seed: 7, profile: 'ideal', steps: 200 }, 50_000).filter((line) =>
      /→ .|(fault|strike) /.test(line),
    );
    expect(moves).toBeGreaterThan(2 * steps);
    expect(changes.length).toBe(steps);
  });

  test('[SIMU-1] the same seed gives the same run, to the last event', () => {
    const run = { seed: 7, profile: 'ideal', steps: 300 } as const;
    const [first, second] = [historyOf(run, 5_000), historyOf(run, 5_000)];
    expect(first.length).toBeGreaterThan(200);
    expect(second).toEqual(first);
    expect(historyOf({ ...run, seed: 8 }, 5_000)).not.toEqual(first);
  });
});

type Tamper = NonNullable<Sabotage['effects']>;

/** The invariant that a run with this breakage trips over first, on any of a few seeds. */
function caught(tamper: Tamper): Set<string> {
  const found = new Set<string>();
  for (let seed = 1; seed <= 4; seed++) {
    const { failure } = runSeed({
      seed,
      profile: 'ideal',
      steps: 500,
      sabotage: () => ({ effects: tamper }),
    });
    if (failure !== null) found.add(failure.invariant);
  }
  return found;
}

const isEntry = (effect: Effect): boolean => effect.type === 'PlaceOrder' && !effect.order.reduceOnly;

describe('deliberate breakages', () => {
  test('[SIMU-7] an entry that is sent twice is caught', () => {
    expect(
      caught((effects) => effects.flatMap((effect) => (isEntry(effect) ? [effect, effect] : [effect]))),
    ).toEqual(new Set(['INV-4']));
  });

  test('[SIMU-7] a cancel that is never sent is caught', () => {
    expect(caught((effects) => effects.filter((effect) => effect.type !== 'CancelOrder'))).toContain('REST');
  });

  test('[SIMU-7] a position that is left without its stop is caught', () => {
    const tamper: Tamper = (effects) =>
      effects.flatMap((effect): Effect[] => {
        if (effect.type !== 'PlaceOrder') return [effect];
        if (effect.order.purpose === 'stop') return [];
        return [{ ...effect, order: { ...effect.order, attachedStop: null } }];
      });
    expect(caught(tamper)).toContain('INV-8');
  });
});

describe('a failing history', () => {
  const resend: Tamper = (effects) =>
    effects.flatMap((effect) =>
      effect.type === 'PlaceOrder' && effect.order.purpose === 'close' ? [effect, effect] : [effect],
    );

  test('[SIMU-5] is shortened while the same invariant breaks, and told', () => {
    const run = { seed: 3, profile: 'ideal', steps: 600, sabotage: () => ({ effects: resend }) } as const;
    const shortened = shorten(run, 40);
    if (shortened === null) throw new Error('it does not fail');
    expect(shortened.failure.invariant).toBe('INV-4');
    expect(shortened.needed).toBeLessThan(shortened.outOf);
    expect(runSeed(shortened.run).failure).toEqual(shortened.failure);
    expect(historyOf(shortened.run, 20).length).toBeGreaterThan(0);
  });
});
