import { Coverage } from '../faults.ts';
import { VENUE_KINDS, type VenueKind } from '../venueKinds.ts';
import { FULL_RUN, type Goal, goalsOf, missed } from './goals.ts';
import type { Job, JobOutcome, Story } from './job.ts';
import { workOff } from './workOff.ts';

export interface SimulationPlan {
  seed: number;
  seeds: number;
  stepsPerSeed: number;
  /** Undefined: the profiles in turn, so that neighbouring seeds meet all of them. */
  profile: VenueKind | undefined;
  threads: number;
  /** A deliberate breakage in every seed; null: none. */
  mutant: string | null;
  /** No more seeds are begun after so many failures. */
  maxFailures: number;
  /** Goes on with further seeds until every goal of a full run is met, at most as many again. */
  isFull: boolean;
}

export interface Found {
  job: Job;
  step: number;
  move: number;
  invariant: string;
  message: string;
  story: Story | null;
}

export interface SimulationReport {
  seeds: number;
  steps: number;
  moves: number;
  seconds: number;
  coverage: Coverage;
  found: Found[];
  /** Of a full run; else empty. */
  goals: Goal[];
  isPassed: boolean;
}

export interface Progress {
  seeds: number;
  /** Wanted in all. */
  ofSeeds: number;
  steps: number;
  failures: number;
  seconds: number;
}

interface Listener {
  progress(progress: Progress): void;
  failed(found: Found): void;
  /** Its history is known, as it was. */
  told(found: Found): void;
  shortened(found: Found): void;
}

/** Runs the seeds of a plan over all cores; failing ones are told and shortened while the others go on. */
export async function simulate(plan: SimulationPlan, listener: Listener): Promise<SimulationReport> {
  const startedAt = performance.now();
  const coverage = new Coverage();
  const found: Found[] = [];
  const toTell: Job[] = [];
  let [begun, seeds, steps, moves] = [0, 0, 0, 0];
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const goals = (): Goal[] => (plan.isFull ? goalsOf(coverage.counts, { seeds, steps }) : []);
  const isEnough = (): boolean => {
    if (found.length >= plan.maxFailures) return true;
    if (begun < plan.seeds) return false;
    return !plan.isFull || begun >= 2 * plan.seeds || missed(goals()).length === 0;
  };
  const next = (): Job | undefined => {
    const failing = toTell.shift();
    if (failing !== undefined) return failing;
    if (isEnough()) return undefined;
    const seed = plan.seed + begun;
    begun += 1;
    const profile = plan.profile ?? VENUE_KINDS[seed % VENUE_KINDS.length] ?? 'ideal';
    const { mutant, stepsPerSeed: steps } = plan;
    return { task: 'run', seed, profile, steps, mutant };
  };
  const done = ({ job, story, failure, counts, ...outcome }: JobOutcome): void => {
    if (job.task !== 'run') {
      const known = found.find((other) => other.job.seed === job.seed);
      if (known === undefined) return;
      known.story = story;
      if (job.task === 'tell') listener.told(known);
      else listener.shortened(known);
      return;
    }
    seeds += 1;
    steps += outcome.steps;
    moves += outcome.moves;
    for (const [name, times] of counts) coverage.count(name, times);
    if (failure !== null) {
      const failed: Found = { job, step: outcome.steps, ...failure, story: null };
      found.push(failed);
      toTell.push({ ...job, task: 'tell' }, { ...job, task: 'shorten' });
      listener.failed(failed);
    }
    listener.progress({ seeds, ofSeeds: plan.seeds, steps, failures: found.length, seconds: seconds() });
  };
  await workOff(plan.threads, next, done);
  const isPassed = found.length === 0 && missed(goals()).length === 0;
  return { seeds, steps, moves, seconds: seconds(), coverage, found, goals: goals(), isPassed };
}

/** Steps of each seed of a full run: together a little more than is asked for. */
export const FULL_STEPS_PER_SEED = Math.ceil(FULL_RUN.steps / FULL_RUN.seeds);
