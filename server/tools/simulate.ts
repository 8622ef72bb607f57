import { parseArgs } from 'node:util';
import { Coverage } from '../simulation/faults.ts';
import { runSeed, type SeedRun } from '../simulation/runSeed.ts';
import { historyOf, shorten } from '../simulation/shrink.ts';
import { VENUE_KINDS, type VenueKind } from '../simulation/venueKinds.ts';

// npm run simulate -- [--seed S] [--steps N] [--per-seed N] [--profile P] [--quick] [--history LINES]
const USAGE =
  'npm run simulate -- [--seed S] [--steps N] [--per-seed N] [--profile P] [--quick] [--history LINES]';
const QUICK_STEPS = 20_000;
const PROGRESS_EVERY_MS = 5_000;
/** Runs spent on shortening one failing history. */
const SHORTEN_ATTEMPTS = 80;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const warn = (line: string): boolean => process.stderr.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '200000' },
    'per-seed': { type: 'string', default: '3000' },
    profile: { type: 'string' },
    quick: { type: 'boolean', default: false },
    history: { type: 'string', default: '60' },
  },
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  warn(`--${name} takes a whole number, not ${text}\nusage: ${USAGE}`);
  process.exit(2);
}

/** One profile if asked for; else the profiles in turn, so that neighbouring seeds meet all of them. */
function profileOf(seed: number): VenueKind {
  const wanted = values.profile ?? VENUE_KINDS[seed % VENUE_KINDS.length];
  const known = VENUE_KINDS.find((name) => name === wanted);
  if (known !== undefined) return known;
  warn(`there is no profile ${wanted}; there are: ${VENUE_KINDS.join(', ')}`);
  process.exit(2);
}

function report(run: SeedRun): void {
  const shortened = shorten(run, SHORTEN_ATTEMPTS);
  if (shortened === null) return;
  const { failure, needed, outOf } = shortened;
  print(`  shortened to ${needed} of ${outOf} faults and commands: ${failure.message}`);
  for (const line of historyOf(shortened.run, whole('history', values.history))) print(`  ${line}`);
}

const wanted = values.quick ? QUICK_STEPS : whole('steps', values.steps);
const coverage = new Coverage();
const failed: string[] = [];
const startedAt = performance.now();
let toldAt = startedAt;
let seed = whole('seed', values.seed);
let seeds = 0;
let steps = 0;
while (steps < wanted) {
  const run: SeedRun = {
    seed,
    profile: profileOf(seed),
    steps: Math.min(whole('per-seed', values['per-seed']), wanted),
  };
  const result = runSeed(run);
  seeds += 1;
  // A seed that fails at once must not keep the run from ending.
  steps += Math.max(result.steps, 1);
  coverage.add(result.coverage);
  if (result.failure !== null) {
    const { move, message } = result.failure;
    failed.push(`seed ${seed} ${run.profile}`);
    print(`FAILED  seed ${seed}, profile ${run.profile}, step ${result.steps} (move ${move}): ${message}`);
    report(run);
  }
  if (performance.now() - toldAt > PROGRESS_EVERY_MS) {
    toldAt = performance.now();
    warn(`… ${steps} steps, ${seeds} seeds, ${failed.length} failed`);
  }
  seed += 1;
}
const seconds = (performance.now() - startedAt) / 1_000;
const parts = [
  ['faults and crash points', 'fault:'],
  ['commands', 'command:'],
  ['met', 'met:'],
  ['alerts', 'alert:'],
] as const;
for (const [title, prefix] of parts) print([title, ...coverage.lines(prefix), ''].join('\n'));
print(
  `${steps} steps over ${seeds} seeds in ${seconds.toFixed(1)} s (${Math.round(steps / seconds)} steps/s); ` +
    `${coverage.counts.get('quiet phases') ?? 0} quiet phases; ${failed.length} seeds failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
