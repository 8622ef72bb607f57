import { parseArgs } from 'node:util';
import { PROFILE_NAMES, type ProfileName } from '../adapters/simulated/profiles.ts';
import { Coverage } from '../simulation/faults.ts';
import { runSeed } from '../simulation/runSeed.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '100000' },
    'per-seed': { type: 'string', default: '5000' },
    profile: { type: 'string' },
    quick: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
const total = new Coverage();
const perSeed = Number(values['per-seed']);
let seed = Number(values.seed);
let steps = 0;
let failures = 0;
const started = performance.now();
while (steps < Number(values.steps)) {
  const profile = (values.profile ?? PROFILE_NAMES[seed % 3] ?? 'ideal') as ProfileName;
  const lines: string[] = [];
  const result = runSeed({ seed, profile, steps: perSeed, ...(values.trace ? { trace: (l: string) => { lines.push(l); if (lines.length > 4000) lines.shift(); } } : {}) });
  steps += result.steps;
  total.add(result.coverage);
  if (result.failure !== null) {
    failures += 1;
    if (values.trace) console.log(lines.slice(-400).join('\n'));
    console.log(`seed ${seed} ${profile} steps ${result.steps} move ${result.failure.move}: ${result.failure.message}`);
  }
  seed += 1;
}
const seconds = (performance.now() - started) / 1000;
if (!values.trace) for (const p of ['fault:', 'met:', 'command:', 'alert:', '']) { if (p !== '') console.log(p + '\n' + total.lines(p).join('\n')); }
console.log(`${steps} steps, ${(steps / seconds).toFixed(0)} steps/s, ${failures} failures`);
