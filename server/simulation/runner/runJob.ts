import { mutantNamed } from '../mutants/mutants.ts';
import { runSeed, type SeedRun } from '../runSeed.ts';
import { historyOf, shorten } from '../shrink.ts';
import type { Job, JobOutcome, Story } from './job.ts';

/** Moves of the world spent on shortening one failing history: a minute or two. */
const SHORTEN_MOVES = 600_000;
/** Lines kept of a failing history. */
const HISTORY_LINES = 60;

export function runJob(job: Job): JobOutcome {
  const { seed, profile, steps, mutant } = job;
  const run: SeedRun = { seed, profile, steps };
  if (mutant !== null) run.sabotage = mutantNamed(mutant).sabotage;
  if (job.task === 'shorten')
    return { job, steps: 0, moves: 0, counts: [], failure: null, story: storyOf(run) };
  const { steps: done, moves, coverage, failure } = runSeed(run);
  return { job, steps: done, moves, counts: [...coverage.counts], failure, story: null };
}

function storyOf(run: SeedRun): Story | null {
  const shortened = shorten(run, SHORTEN_MOVES);
  if (shortened === null) return null;
  const { needed, outOf, failure } = shortened;
  return { needed, outOf, failure, lines: historyOf(shortened.run, HISTORY_LINES) };
}
