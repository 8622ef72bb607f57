import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endsWithParent, projectRoot } from '../projectRoot.ts';

// npm run torture -- [--drops N] [--kills N] [--pauses N] [--seed S]
const USAGE = 'npm run torture -- [--drops N] [--kills N] [--pauses N] [--seed S]';
/** What is tried with the sizes given here, two at a time; their CI sizes are in the files. */
const TESTS = ['droppedAnswers', 'hundredKills', 'leaseLost', 'unprotected', 'rateLimitLane'];

const warn = (line: string): boolean => process.stderr.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    drops: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '100' },
    pauses: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});

const env: Record<string, string> = {};
for (const [name, text] of Object.entries(values)) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    warn(`--${name} takes a whole number above 0, not ${text}\nusage: ${USAGE}`);
    process.exit(2);
  }
  env[`TORTURE_${name.toUpperCase()}`] = String(value);
}

const root = projectRoot();
const args = [
  ...endsWithParent(),
  join(root, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--maxWorkers',
  '2',
  ...TESTS.map((name) => `server/e2e/${name}.test.ts`),
];
const child = spawn(process.execPath, args, {
  cwd: root,
  env: { ...process.env, NODE_ENV: 'test', ...env },
  stdio: 'inherit',
});
child.on('exit', (code) => {
  process.stdout.write(code === 0 ? 'torture: passed\n' : 'torture: FAILED\n');
  process.exitCode = code ?? 1;
});
