// npm run fuzz [-- INPUTS [SEED]]     INPUTS odd and hostile inputs (default 300,000), direct and again through nginx
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ENDS_WITH_PARENT, ROOT } from './entries.mjs';

const [inputs = '300000', seed = '1'] = process.argv.slice(2);
if (![inputs, seed].every((text) => /^[1-9]\d{0,8}$/.test(text))) {
  console.error('usage: npm run fuzz -- [INPUTS [SEED]]');
  process.exit(2);
}
const test = join(ROOT, 'scripts/test.mjs');
const run = spawnSync(process.execPath, [...ENDS_WITH_PARENT, test, 'server/e2e/fuzz.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_INPUTS: inputs, FUZZ_SEED: seed },
});
process.exit(run.status ?? 1);
