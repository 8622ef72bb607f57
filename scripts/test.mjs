// npm test [-- vitest arguments]     ends with the line `N passed, N failed, N skipped`
// --long: tests that do less in the short form do all that they can (server/testing/longForm.ts).
// FILLWIRE_FORBID_SKIPS=1: a skipped or todo test, or a stray `.only`, fails the run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENDS_WITH_PARENT, ROOT } from './entries.mjs';
import { buildStale } from './launch.mjs';
import { requirePlatform } from './platformCheck.mjs';

requirePlatform();
process.chdir(ROOT);
const forbidSkips = process.env.FILLWIRE_FORBID_SKIPS === '1';
const args = process.argv.slice(2);
const long = args.includes('--long');
// Tests that start the product start what `npm run build` makes.
if (!buildStale(['client', 'server'])) {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}

const reportFolder = mkdtempSync(join(tmpdir(), 'fillwire-test-'));
const reportFile = join(reportFolder, 'report.json');
const vitest = spawnSync(
  process.execPath,
  [
    ...ENDS_WITH_PARENT,
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...(forbidSkips ? ['--allowOnly=false'] : []),
    ...args.filter((arg) => arg !== '--long'),
  ],
  { stdio: 'inherit', env: { ...process.env, NODE_ENV: 'test', ...(long && { FILLWIRE_LONG: '1' }) } },
);
const totals = readTotals(reportFile);
rmSync(reportFolder, { recursive: true, force: true });

if (totals.skipped > 0 && forbidSkips)
  console.error(`FILLWIRE_FORBID_SKIPS: ${totals.skipped} tests were skipped`);
const failed = vitest.status !== 0 || totals.failed > 0 || (forbidSkips && totals.skipped > 0);
// A run that broke outside every test (an unhandled error, no test found) is one failure too.
if (vitest.status !== 0 && totals.failed === 0) totals.failed = 1;
process.exitCode = failed ? 1 : 0;
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);

function readTotals(path) {
  if (!existsSync(path)) return { passed: 0, failed: 0, skipped: 0 };
  const report = JSON.parse(readFileSync(path, 'utf8'));
  // A file that could not be loaded holds no test, so it counts as one failure.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
