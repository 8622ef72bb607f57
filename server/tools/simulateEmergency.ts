import { parseArgs } from 'node:util';
import { CRASH_STAGES, runEmergencyTrial } from '../simulation/emergencyTrial.ts';
import { Coverage } from '../simulation/faults.ts';
import { inOneTurn } from '../simulation/host/inOneTurn.ts';
import { VENUE_KINDS } from '../simulation/venueKinds.ts';

const USAGE = 'npm run simulate:emergency -- [--seeds N] [--from SEED] [--refuse-every K]';
/** Seeds of the claim; each is run once per stage in which the server is killed. */
const SEEDS = 500;
const PROGRESS_EVERY_MS = 10_000;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`--${name} takes a whole number from 1, not ${text}\nusage: ${USAGE}\n`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: String(SEEDS) },
    from: { type: 'string', default: '1' },
    'refuse-every': { type: 'string', default: '8' },
  },
});
const seeds = whole('seeds', values.seeds);
const from = whole('from', values.from);
const refuseEvery = whole('refuse-every', values['refuse-every']);

const startedAt = performance.now();
const seconds = (): number => Math.round((performance.now() - startedAt) / 1_000);
const crashes = new Map<string, number>();
const failures: string[] = [];
const coverage = new Coverage();
const flatAfterMs: number[] = [];
let runs = 0;
let refusing = 0;
let residual = 0;
let toldAt = startedAt;

// Ctrl-C ends it with the figures so far.
let isEnded = false;
process.once('SIGINT', () => {
  isEnded = true;
});

for (let seed = from; seed < from + seeds && !isEnded; seed += 1) {
  for (const [index, crashIn] of CRASH_STAGES.entries()) {
    const profile = VENUE_KINDS[(seed + index) % VENUE_KINDS.length] ?? 'ideal';
    const refuses = runs % refuseEvery === 0;
    // Signals are heard between runs.
    const result = await inOneTurn(() => runEmergencyTrial({ seed, profile, crashIn, refuses }));
    runs += 1;
    refusing += refuses ? 1 : 0;
    residual += result.residual;
    flatAfterMs.push(result.flatAfterMs);
    coverage.add(result.coverage);
    for (const stage of result.crashes) crashes.set(stage, (crashes.get(stage) ?? 0) + 1);
    if (result.failure !== null) {
      failures.push(`seed ${seed} ${profile} ${crashIn}${refuses ? ' refusing' : ''}: ${result.failure}`);
      print(`FAILED ${failures.at(-1)}`);
    }
    if (performance.now() - toldAt < PROGRESS_EVERY_MS) continue;
    toldAt = performance.now();
    print(
      `seed ${seed}: ${runs} of ${seeds * CRASH_STAGES.length} runs, ${failures.length} failed, ${seconds()} s`,
    );
  }
}

flatAfterMs.sort((a, b) => a - b);
const at = (share: number): number =>
  Math.round(flatAfterMs[Math.floor(share * (flatAfterMs.length - 1))] ?? 0);
print(
  `${runs / CRASH_STAGES.length} seeds × ${CRASH_STAGES.length} kinds of crash = ${runs} emergency stops in ${seconds()} s`,
);
print(`killed in: ${[...crashes].map(([stage, count]) => `${stage} ${count}`).join(', ')}`);
print(`flat after the last fault, world ms: median ${at(0.5)}, 99 % ${at(0.99)}, slowest ${at(1)}`);
print(
  `at a venue that refused one symbol: ${refusing} runs, ${residual} rows named in receipts, closed later`,
);
print('faults met:');
for (const line of coverage.lines('fault:')) print(line);
for (const line of coverage.lines('met:')) print(line);
print(failures.length === 0 ? 'nothing broke' : `${failures.length} failed:\n${failures.join('\n')}`);
process.exitCode = failures.length === 0 ? 0 : 1;
