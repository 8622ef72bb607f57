import { describe, expect, test } from 'vitest';
import { CHANCES, Coverage, STRIKES, TRIAL_WEIGHTS } from './faults.ts';
import { KEPT_SEEDS } from './keptSeeds.ts';
import { mutantNamed } from './mutants/mutants.ts';
import { runSeed, type SeedResult } from './runSeed.ts';
import { historyOf, shorten } from './shrink.ts';
import { VENUE_KINDS } from './venueKinds.ts';

/** Of each profile, always the same ones. */
const FIXED_SEEDS = [101, 102, 103];
const FIXED_STEPS = 450;
/** And others each time, told in the name of their test: so many of each profile from one that is drawn or given. */
const FRESH_SEEDS = 2;
const FRESH_STEPS = 500;
const FRESH_FROM = Number(process.env.FILLWIRE_SIM_SEED ?? Math.floor(Math.random() * 1_000_000_000));

const results: SeedResult[] = [];

describe('the simulation', () => {
  test.each(VENUE_KINDS.flatMap((profile) => FIXED_SEEDS.map((seed) => ({ profile, seed }))))(
    '[SIMU-3] [N10] seed $seed at a venue like $profile breaks no invariant',
    ({ profile, seed }) => {
      const result = runSeed({ seed, profile, steps: FIXED_STEPS });
      expect(result.failure).toBeNull();
      expect(result.steps).toBeGreaterThanOrEqual(FIXED_STEPS);
      results.push(result);
    },
  );

  const fresh = Array.from({ length: FRESH_SEEDS }, (_, index) => FRESH_FROM + index);
  test.each(VENUE_KINDS.flatMap((profile) => fresh.map((seed) => ({ profile, seed }))))(
    `[SIMU-10] fresh seed $seed at $profile breaks no invariant (again: FILLWIRE_SIM_SEED=${FRESH_FROM})`,
    ({ profile, seed }) => {
      expect(runSeed({ seed, profile, steps: FRESH_STEPS }).failure).toBeNull();
    },
  );

  test.each(KEPT_SEEDS)('[SIMU-6] kept seed $seed at $profile: $found', ({ seed, profile, steps }) => {
    const result = runSeed({ seed, profile, steps });
    expect(result.failure).toBeNull();
    results.push(result);
  });

  test('[SIMU-4] the fixed and the kept seeds meet every fault, crash point, strike and trial', () => {
    const coverage = new Coverage();
    for (const result of results) coverage.add(result.coverage);
    const met = [...coverage.counts.keys()];
    const faults = [...Object.keys(CHANCES), ...Object.keys(STRIKES)].filter((name) => name !== 'command');
    expect(faults.filter((name) => !met.includes(`fault:${name}`))).toEqual([]);
    expect(Object.keys(TRIAL_WEIGHTS).filter((name) => !met.includes(`trial:${name}`))).toEqual([]);
    expect(coverage.counts.get('quiet phases')).toBeGreaterThanOrEqual(results.length);
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

describe('a failing history', () => {
  test('[SIMU-5] is shortened while the same invariant breaks, and told', () => {
    const { sabotage } = mutantNamed('entry-without-deadline');
    // The first one that takes a while to fail.
    const run = Array.from(
      { length: 20 },
      (_, seed) => ({ seed, profile: 'ideal', steps: 600, sabotage }) as const,
    ).find((candidate) => runSeed(candidate).active.length > 10);
    const shortened = run === undefined ? null : shorten(run, 40);
    if (shortened === null) throw new Error('none fails');
    expect(shortened.failure.invariant).toBe('INV-4');
    expect(shortened.needed).toBeLessThan(shortened.outOf);
    expect(runSeed(shortened.run).failure).toEqual(shortened.failure);
    expect(historyOf(shortened.run, 20).length).toBeGreaterThan(0);
  });
});
