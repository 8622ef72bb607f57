import { mutantNamed } from '../mutants/mutants.ts';
import { runSeed, type SeedRun } from '../runSeed.ts';
import { historyOf, shorten } from '../shrink.ts';
import type { Job, JobOutcome, Story } from './job.ts';

/** Moves of the world spent on shortening one failing history: a few minutes at most. */
const SHORTEN_MOVES = 300_000;
/** Lines kept of a failing history. */
const HISTORY_LINES = 60;

export function runJob(job: Job): JobOutcome {
  const { seed, profile, steps, mutant } = job;
  const run: SeedRun = { seed, profile, steps };
  if (mutant !== null) run.sabotage = mutantNamed(mutant).sabotage;
  if (job.task !== 'run') {
    const story = job.task === 'tell' ? storyOf(run) : shortStoryOf(run);
    return { job, steps: 0, moves: 0, counts: [], failure: null, story };
  }
  const { steps: done, moves, coverage, failure } = runSeed(run);
  return { job, steps: done, moves, counts: [...coverage.counts], failure, story: null };
}

function storyOf(run: SeedRun): Story | null {
  const { active, failure } = runSeed(run);
  if (failure === null) return null;
  const { length } = active;
  return { needed: length, outOf: length, failure, lines: historyOf(run, HISTORY_LINES) };
}

function shortStoryOf(run: SeedRun): Story | null {
  const shortened = shorten(run, SHORTEN_MOVES);
  if (shortened === null) return null;
  const { needed, outOf, failure } = shortened;
  return { needed, outOf, failure, lines: historyOf(shortened.run, HISTORY_LINES) };
}
