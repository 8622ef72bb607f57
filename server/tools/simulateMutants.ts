import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { MUTANTS } from '../simulation/mutants/mutants.ts';
import { tryMutants, type Verdict } from '../simulation/runner/tryMutants.ts';

// npm run simulate:mutants -- [--only NAME] [--seeds K] [--steps N] [--jobs J]
const USAGE = `npm run simulate:mutants -- [--only NAME]… [--seeds K] [--steps N] [--jobs J]`;
/** Seeds after which a mutant counts as not noticed, and steps of each. */
const MAX_SEEDS = 40;
const STEPS_PER_SEED = 2_500;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function complain(problem: string): never {
  process.stderr.write(`${problem}\nusage: ${USAGE}\n`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        seeds: { type: 'string', default: String(MAX_SEEDS) },
        steps: { type: 'string', default: String(STEPS_PER_SEED) },
        jobs: { type: 'string', default: String(availableParallelism()) },
      },
    }).values;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  complain(`--${name} takes a positive whole number, not ${text}`);
}

const values = readOptions();
const unknown = values.only?.find((name) => !MUTANTS.some((mutant) => mutant.name === name));
if (unknown !== undefined)
  complain(`there is no mutant ${unknown}; there are:\n  ${MUTANTS.map(({ name }) => name).join('\n  ')}`);
const mutants = MUTANTS.filter(({ name }) => values.only?.includes(name) !== false);

function tell({ mutant, invariant, message, seed, seeds, steps, others }: Verdict): void {
  if (invariant !== null)
    print(`caught    ${mutant.name.padEnd(44)} ${invariant.padEnd(7)} seed ${seed}, ${steps} steps`);
  else
    print(
      `SURVIVED  ${mutant.name.padEnd(44)} ${seeds} seeds, ${steps} steps; must be caught by ${mutant.caughtBy.join(' or ')}`,
    );
  print(
    `            ${mutant.breaks}${invariant === null ? '' : ` → ${message.slice(message.indexOf(' ') + 1)}`}`,
  );
  if (invariant === null) for (const other of others) print(`            not counted: ${other}`);
}

const startedAt = performance.now();
const limits = {
  threads: whole('jobs', values.jobs),
  maxSeeds: whole('seeds', values.seeds),
  stepsPerSeed: whole('steps', values.steps),
};
const verdicts = await tryMutants(mutants, limits, tell);
const survivors = verdicts.filter(({ invariant }) => invariant === null);
const steps = verdicts.reduce((total, verdict) => total + verdict.steps, 0);
const seconds = (performance.now() - startedAt) / 1_000;
print(
  `${verdicts.length - survivors.length} of ${verdicts.length} mutants caught in ${steps} steps, ${seconds.toFixed(1)} s${survivors.length === 0 ? '' : `; survived: ${survivors.map(({ mutant }) => mutant.name).join(', ')}`}`,
);
process.exitCode = survivors.length === 0 ? 0 : 1;
