import type { Failure } from '../runSeed.ts';
import type { VenueKind } from '../venueKinds.ts';

/** One seed for a worker: plain data, so that it can be handed to a thread and written down. */
export interface Job {
  task: 'run' | 'tell' | 'shorten';
  seed: number;
  profile: VenueKind;
  /** Steps after which its last quiet phase begins. */
  steps: number;
  /** Name of a deliberate breakage. */
  mutant: string | null;
}

/** What became of a job. */
export interface JobOutcome {
  job: Job;
  steps: number;
  moves: number;
  /** Coverage by name. */
  counts: [string, number][];
  failure: Failure | null;
  /** Of `tell`: its history as it was; of `shorten`: the shortest one found. */
  story: Story | null;
}

export interface Story {
  /** Moves with a fault or command that are needed for it to fail, of so many at first. */
  needed: number;
  outOf: number;
  failure: Failure;
  /** The last lines of it. */
  lines: string[];
}

/** How to run one job's seed again, alone. */
export function replayCommand({ seed, profile, steps, mutant }: Job): string {
  const broken = mutant === null ? '' : ` --mutant ${mutant}`;
  return `npm run simulate -- --seed ${seed} --profile ${profile} --steps ${steps} --seeds 1${broken}`;
}
