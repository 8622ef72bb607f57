import type { Mutant } from '../mutants/mutant.ts';
import { VENUE_KINDS } from '../venueKinds.ts';
import type { Job, JobOutcome } from './job.ts';
import { workOff } from './workOff.ts';

/** What became of one mutant. */
export interface Verdict {
  mutant: Mutant;
  /** The invariant of its list that noticed it; null: it survived. */
  invariant: string | null;
  message: string;
  /** Where it was noticed, and what it took until then. */
  seed: number;
  seeds: number;
  steps: number;
  /** Failures by invariants that do not count. */
  others: string[];
}

/** Runs one mutant's seeds one after the other until one of its invariants notices it. */
export class Trial {
  readonly verdict: Verdict;
  readonly #maxSeeds: number;

  constructor(mutant: Mutant, maxSeeds: number) {
    this.verdict = { mutant, invariant: null, message: '', seed: 0, seeds: 0, steps: 0, others: [] };
    this.#maxSeeds = maxSeeds;
  }

  get isOver(): boolean {
    return this.verdict.invariant !== null || this.verdict.seeds >= this.#maxSeeds;
  }

  /** The next seed: what it is run with follows from its number alone. */
  next(stepsPerSeed: number): Job {
    const seed = this.verdict.seeds + 1;
    const { mutant } = this.verdict;
    const profile = mutant.profile ?? VENUE_KINDS[seed % VENUE_KINDS.length] ?? 'ideal';
    return { task: 'run', seed, profile, steps: stepsPerSeed, mutant: mutant.name };
  }

  take({ job, steps, failure }: JobOutcome): void {
    const { verdict } = this;
    verdict.seeds += 1;
    verdict.steps += steps;
    if (failure === null) return;
    if (!verdict.mutant.caughtBy.includes(failure.invariant)) {
      verdict.others.push(`seed ${job.seed} ${job.profile}: ${failure.message}`);
      return;
    }
    Object.assign(verdict, { invariant: failure.invariant, message: failure.message, seed: job.seed });
  }
}

/** Tries mutants over all cores, each one's seeds in order. `told` hears each verdict when it falls. */
export async function tryMutants(
  mutants: readonly Mutant[],
  limits: { threads: number; maxSeeds: number; stepsPerSeed: number },
  told: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const waiting = mutants.map((mutant) => new Trial(mutant, limits.maxSeeds));
  const all = [...waiting];
  await workOff(
    limits.threads,
    () => waiting.shift()?.next(limits.stepsPerSeed),
    (outcome) => {
      const trial = all.find(({ verdict }) => verdict.mutant.name === outcome.job.mutant);
      if (trial === undefined) return;
      trial.take(outcome);
      if (trial.isOver) told(trial.verdict);
      else waiting.unshift(trial);
    },
  );
  return all.map(({ verdict }) => verdict);
}
