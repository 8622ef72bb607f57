import { describe, expect, test } from 'vitest';
import { runSeed, type SeedRun } from '../runSeed.ts';
import { historyOf } from '../shrink.ts';
import { VENUE_KINDS } from '../venueKinds.ts';
import { inOneTurn } from './inOneTurn.ts';

/** Of each profile, always the same one, and as few steps as meet something. */
const SEED = 101;
const STEPS = 150;
/** And another each time, told in the name of its test. */
const FRESH = Number(process.env.FILLWIRE_SIM_SEED ?? Math.floor(Math.random() * 1_000_000_000));

const onKernel = (run: Omit<SeedRun, 'host'>): SeedRun => ({ ...run, host: 'kernel' });

describe('the kernel in the simulation', () => {
  const fresh = { seed: FRESH, profile: VENUE_KINDS[FRESH % VENUE_KINDS.length] ?? 'ideal' };
  test.each([...VENUE_KINDS.map((profile) => ({ profile, seed: SEED })), fresh])(
    `[SIMU-12] seed $seed at a venue like $profile breaks no invariant (again: FILLWIRE_SIM_SEED=${FRESH})`,
    async ({ profile, seed }) => {
      const result = await inOneTurn(() => runSeed(onKernel({ seed, profile, steps: STEPS })));
      expect(result.failure).toBeNull();
      expect(result.steps).toBeGreaterThanOrEqual(STEPS);
    },
  );

  test('[SIMU-1] [SIMU-12] the same seed gives the same run, to the last event', async () => {
    const run = onKernel({ seed: 7, profile: 'ideal', steps: 60 });
    const [first, second] = await inOneTurn(() => [historyOf(run, 5_000), historyOf(run, 5_000)]);
    expect(first?.length).toBeGreaterThan(60);
    expect(second).toEqual(first);
  });
});
