import { describe, expect, test } from 'vitest';
import { inOneTurn } from '../host/inOneTurn.ts';
import { runSeed } from '../runSeed.ts';
import { VENUE_KINDS } from '../venueKinds.ts';
import { MUTANTS, mutantNamed } from './mutants.ts';

/** Seeds of a mutant that is noticed soon; which one notices it changes with every fault that is added. */
const SEEDS = 60;
const STEPS = 500;

/** Of each kind those that take little: `npm run simulate:mutants` tries all. */
const QUICK = [
  'unknown-entry-forgotten-at-once',
  'any-stop-of-the-symbol-counts',
  'unfilled-close-untold',
  'decided-exit-not-repeated',
  'target-id-repeats',
  'stopped-without-proof',
  'stop-loses-to-start',
  'risk-day-reset-by-restart',
  'day-ended-by-a-timestamp',
  'ledger-difference-absorbed',
  'published-before-commit',
  'acted-before-commit',
  'lease-not-checked-before-a-write',
  'seq-gap',
  'failing-recovery-loops',
  'ready-before-positions-are-compared',
  'silent-read-blocks-all-later-ones',
  'missed-bar-enters',
  'fold-skips-a-frame',
  'lane-open-while-the-venue-takes-nothing',
  'desk-not-read-back-after-a-lost-batch',
  'desk-read-back-asks-nothing',
  'pushes-go-unheard',
  'lost-answer-counts-as-stored',
  'resume-folds-nothing-of-what-was-missed',
  'lost-frame-of-the-bus-not-read',
];

function noticed(name: string): string[] {
  const mutant = mutantNamed(name);
  const found: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const profile = mutant.profile ?? VENUE_KINDS[seed % VENUE_KINDS.length] ?? 'ideal';
    const { failure } = runSeed({ seed, profile, steps: STEPS, sabotage: mutant.sabotage });
    if (failure === null) continue;
    found.push(failure.invariant);
    if (mutant.caughtBy.includes(failure.invariant)) break;
  }
  return found;
}

describe('deliberate breakages', () => {
  test('[SIMU-7] there are many, each with a name of its own, and each invariant has one', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    const numbered = Array.from({ length: 12 }, (_, index) => `INV-${index + 1}`);
    const watched = new Set(MUTANTS.flatMap(({ caughtBy }) => caughtBy));
    expect(numbered.filter((invariant) => !watched.has(invariant))).toEqual([]);
  });

  test.each(QUICK)('[SIMU-7] %s is caught', async (name) => {
    const [last] = (await inOneTurn(() => noticed(name))).slice(-1);
    expect(mutantNamed(name).caughtBy).toContain(last);
  });
});
