// npm run race [-- N]     N races (default 1,000) of two devices against the real server, see [E2E-20]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ENDS_WITH_PARENT, ROOT } from './entries.mjs';

const races = process.argv[2] ?? '1000';
if (!/^[1-9]\d{0,5}$/.test(races)) {
  console.error('usage: npm run race -- N');
  process.exit(2);
}
const test = join(ROOT, 'scripts/test.mjs');
const run = spawnSync(process.execPath, [...ENDS_WITH_PARENT, test, 'server/e2e/races.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, RACES: races },
});
process.exit(run.status ?? 1);
