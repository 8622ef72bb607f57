import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { MUTANTS } from '../simulation/mutants/mutants.ts';
import { FULL_RUN, missed } from '../simulation/runner/goals.ts';
import { replayCommand } from '../simulation/runner/job.ts';
import {
  type Found,
  FULL_STEPS_PER_SEED,
  type Progress,
  type SimulationPlan,
  type SimulationReport,
  simulate,
} from '../simulation/runner/simulation.ts';
import { VENUE_KINDS } from '../simulation/venueKinds.ts';

const USAGE = `npm run simulate -- [--seed S] [--steps N] [--seeds K] [--profile ${VENUE_KINDS.join('|')}] [--jobs J] [--full] [--quick] [--max-failures M] [--mutant NAME] [--json FILE]
  --steps N: in all, spread evenly over the seeds; --full: ${FULL_RUN.seeds} seeds, ${FULL_RUN.steps} steps, every goal of a full run`;
const DEFAULT_STEPS = 200_000;
const QUICK_STEPS = 20_000;
const STEPS_PER_SEED = 2_500;
const MAX_FAILURES = 5;
const PROGRESS_EVERY_MS = 5_000;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function complain(problem: string): never {
  process.stderr.write(`${problem}\nusage: ${USAGE}\n`);
  process.exit(2);
}

function whole(name: string, text: string | undefined, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  complain(`--${name} takes a whole number from ${least}, not ${text}`);
}

const OPTIONS = {
  seed: { type: 'string' },
  steps: { type: 'string' },
  seeds: { type: 'string' },
  profile: { type: 'string' },
  jobs: { type: 'string' },
  full: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  'max-failures': { type: 'string' },
  mutant: { type: 'string' },
  json: { type: 'string' },
} as const;

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
  }
}

const values = readOptions();

function planOf(): SimulationPlan {
  const { profile } = values;
  const known = VENUE_KINDS.find((name) => name === profile);
  if (profile !== undefined && known === undefined)
    complain(`there is no profile ${profile}; there are: ${VENUE_KINDS.join(', ')}`);
  const { mutant = null } = values;
  if (mutant !== null && !MUTANTS.some(({ name }) => name === mutant))
    complain(`there is no mutant ${mutant}`);
  const usual = values.quick ? QUICK_STEPS : DEFAULT_STEPS;
  const steps = whole('steps', values.steps, usual, 1);
  const asked = whole('seeds', values.seeds, Math.ceil(steps / STEPS_PER_SEED), 1);
  const seeds = values.full ? Math.max(FULL_RUN.seeds, whole('seeds', values.seeds, 0, 1)) : asked;
  return {
    seed: whole('seed', values.seed, 1, 0),
    seeds,
    stepsPerSeed: values.full ? FULL_STEPS_PER_SEED : Math.ceil(steps / seeds),
    profile: known,
    threads: whole('jobs', values.jobs, availableParallelism(), 1),
    maxFailures: whole('max-failures', values['max-failures'], MAX_FAILURES, 1),
    isFull: values.full,
    mutant,
  };
}

let toldAt = Number.NEGATIVE_INFINITY;

function tell({ seeds, ofSeeds, steps, failures, seconds }: Progress): void {
  const isLive = process.stderr.isTTY;
  if (!isLive && performance.now() - toldAt < PROGRESS_EVERY_MS) return;
  toldAt = performance.now();
  const left = seeds < ofSeeds ? `${Math.round((seconds / seeds) * (ofSeeds - seeds))} s left` : 'goes on';
  const line = `${steps} steps, ${seeds}/${ofSeeds} seeds, ${Math.round(steps / seconds)} steps/s, ${failures} failed, ${left}`;
  process.stderr.write(isLive ? `\r${line.padEnd(90)}` : `… ${line}\n`);
}

function tellFailure({ job, step, move, message }: Found): void {
  print(`FAILED  seed ${job.seed}, profile ${job.profile}, step ${step} (move ${move}): ${message}`);
  print(`  again: ${replayCommand(job)}`);
}

function tellHistory({ job, story }: Found): void {
  if (story === null) return;
  print(`seed ${job.seed} as it was, to its end; being shortened to what is needed for it:`);
  for (const line of story.lines) print(`  ${line}`);
}

function tellStory({ job, story }: Found): void {
  if (story === null) return;
  const { needed, outOf, failure, lines } = story;
  print(`seed ${job.seed} shortened to ${needed} of ${outOf} faults and commands: ${failure.message}`);
  for (const line of lines) print(`  ${line}`);
}

const COVERAGE_PARTS = [
  ['faults and crash points', 'fault:'],
  ['what users tried', 'trial:'],
  ['commands', 'command:'],
  ['met', 'met:'],
  ['alerts', 'alert:'],
] as const;

function summarise({ coverage, seeds, steps, seconds, found, goals, isPassed }: SimulationReport): void {
  for (const [title, prefix] of COVERAGE_PARTS) print([title, ...coverage.lines(prefix), ''].join('\n'));
  const short = missed(goals);
  for (const { name, actual, minimum } of short) print(`NOT MET  ${name}: ${actual} of ${minimum}`);
  if (goals.length > 0 && short.length === 0) print(`all ${goals.length} goals of a full run are met`);
  const failures = found.map(({ job }) => `seed ${job.seed} ${job.profile}`).join(', ');
  print(
    `${steps} steps over ${seeds} seeds in ${seconds.toFixed(1)} s (${Math.round(steps / seconds)} steps/s); ` +
      `${coverage.counts.get('quiet phases') ?? 0} quiet phases; ${found.length} seeds failed${failures && `: ${failures}`}`,
  );
  print(isPassed ? 'PASSED' : 'FAILED');
}

const plan = planOf();
const report = await simulate(plan, {
  progress: tell,
  failed: tellFailure,
  told: tellHistory,
  shortened: tellStory,
});
if (process.stderr.isTTY) process.stderr.write('\n');
summarise(report);
if (values.json !== undefined) {
  const { coverage, ...rest } = report;
  const counts = Object.fromEntries([...coverage.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(values.json, `${JSON.stringify({ plan, ...rest, counts }, null, 2)}\n`);
}
process.exitCode = report.isPassed ? 0 : 1;
