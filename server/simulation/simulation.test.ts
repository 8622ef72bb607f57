import { describe, expect, test } from 'vitest';
import { inLongForm } from '../testing/longForm.ts';
import { CHANCES, Coverage, STRIKES, TRIAL_WEIGHTS } from './faults.ts';
import { inOneTurn } from './host/inOneTurn.ts';
import { KEPT_SEEDS } from './keptSeeds.ts';
import { mutantNamed } from './mutants/mutants.ts';
import { runSeed, type SeedResult } from './runSeed.ts';
import { historyOf, shorten } from './shrink.ts';
import { VENUE_KINDS } from './venueKinds.ts';

/** Always the same ones, so many for each profile. */
const FIXED_SEEDS = inLongForm(5, 3);
const FIXED_FROM = 101;
const FIXED_STEPS = 900;
/** And others each time, told in the name of their test: so many of each profile from one that is drawn or given. */
const FRESH_SEEDS = inLongForm(2, 1);
const FRESH_STEPS = 500;
const FRESH_FROM = Number(process.env.FILLWIRE_SIM_SEED ?? Math.floor(Math.random() * 1_000_000_000));

const results: SeedResult[] = [];

describe('the simulation', () => {
  const fixed = Array.from({ length: FIXED_SEEDS * VENUE_KINDS.length }, (_, index) => ({
    profile: VENUE_KINDS[index % VENUE_KINDS.length] ?? 'ideal',
    seed: FIXED_FROM + index,
  }));
  test.each(fixed)(
    '[SIMU-3] [N10] seed $seed at a venue like $profile breaks no invariant',
    async ({ profile, seed }) => {
      const result = await inOneTurn(() => runSeed({ seed, profile, steps: FIXED_STEPS }));
      expect(result.failure).toBeNull();
      expect(result.steps).toBeGreaterThanOrEqual(FIXED_STEPS);
      results.push(result);
    },
  );

  const fresh = Array.from({ length: FRESH_SEEDS }, (_, index) => FRESH_FROM + index);
  test.each(VENUE_KINDS.flatMap((profile) => fresh.map((seed) => ({ profile, seed }))))(
    `[SIMU-10] fresh seed $seed at $profile breaks no invariant (again: FILLWIRE_SIM_SEED=${FRESH_FROM})`,
    async ({ profile, seed }) => {
      const { failure } = await inOneTurn(() => runSeed({ seed, profile, steps: FRESH_STEPS }));
      expect(failure).toBeNull();
    },
  );

  test.each(KEPT_SEEDS)('[SIMU-6] kept seed $seed at $profile: $found', async ({ seed, profile, steps }) => {
    const result = await inOneTurn(() => runSeed({ seed, profile, steps }));
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

  test('[SIMU-2] what changes nothing is a move of the world, and no step', async () => {
    const run = { seed: 7, profile: 'ideal', steps: 200 } as const;
    const { steps, moves } = await inOneTurn(() => runSeed(run));
    const history = await inOneTurn(() => historyOf(run, 50_000));
    const changes = history.filter((line) => /→ .|(fault|strike) /.test(line));
    expect(moves).toBeGreaterThan(2 * steps);
    expect(changes.length).toBe(steps);
  });

  test('[SIMU-12] [INV-3] in the end both devices of each user have the hash of the log, the same one each time', async () => {
    const played = () => inOneTurn(() => runSeed({ seed: 7, profile: 'ideal', steps: 200 }).digests);
    const [first, second] = [await played(), await played()];
    expect(first.length).toBeGreaterThan(0);
    for (const { log, devices } of first) expect(devices).toEqual([log, log]);
    expect(second).toEqual(first);
  });

  test('[SIMU-1] the same seed gives the same run, to the last event', async () => {
    const run = { seed: 7, profile: 'ideal', steps: 300 } as const;
    const played = (): Promise<string[]> => inOneTurn(() => historyOf(run, 5_000));
    const [first, second] = [await played(), await played()];
    expect(first.length).toBeGreaterThan(200);
    expect(second).toEqual(first);
    expect(await inOneTurn(() => historyOf({ ...run, seed: 8 }, 5_000))).not.toEqual(first);
  });
});

describe('a failing history', () => {
  test('[SIMU-5] is shortened while the same invariant breaks, and told', async () => {
    const { sabotage } = mutantNamed('entry-without-deadline');
    // The first one that takes a while to fail.
    const candidates = Array.from(
      { length: 20 },
      (_, seed) => ({ seed, profile: 'ideal', steps: 600, sabotage }) as const,
    );
    const shortened = await inOneTurn(() => {
      const run = candidates.find((candidate) => {
        const { failure, active } = runSeed(candidate);
        return failure !== null && active.length > 10;
      });
      return run === undefined ? null : shorten(run, 20_000);
    });
    if (shortened === null) throw new Error('none fails');
    expect(shortened.failure.invariant).toBe('INV-4');
    expect(shortened.needed).toBeLessThan(shortened.outOf);
    expect(await inOneTurn(() => runSeed(shortened.run).failure)).toEqual(shortened.failure);
    expect(await inOneTurn(() => historyOf(shortened.run, 20).length)).toBeGreaterThan(0);
  });
});
