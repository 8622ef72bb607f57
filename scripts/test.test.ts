import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('./test.mjs', import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Runs the test command on a project of one test file. */
function runTests(
  code: string,
  env: Record<string, string> = {},
  args: string[] = [],
): { status: number | null; lastLine: string | undefined } {
  const folder = mkdtempSync(join(tmpdir(), 'fillwire-test-command-'));
  folders.push(folder);
  writeFileSync(join(folder, 'sample.test.mjs'), code);
  const { FILLWIRE_FORBID_SKIPS: _, FILLWIRE_LONG: __, ...outer } = process.env;
  const result = spawnSync(process.execPath, [script, ...args, '--root', folder, '--globals'], {
    env: { ...outer, ...env },
    encoding: 'utf8',
  });
  return { status: result.status, lastLine: result.stdout.trimEnd().split('\n').at(-1) };
}

const passing = "test('a', () => {});\n";
const skipping = "test.skip('b', () => {}); test.todo('c');\n";
const failing = "test('d', () => { throw new Error('no'); });\n";
const forbidden = { FILLWIRE_FORBID_SKIPS: '1' };

describe('npm test', () => {
  test('[START-2] ends with the counts, and with success when all passed', () => {
    expect(runTests(passing)).toEqual({ status: 0, lastLine: '1 passed, 0 failed, 0 skipped' });
    expect(runTests(passing + skipping)).toEqual({ status: 0, lastLine: '1 passed, 0 failed, 2 skipped' });
  });

  test('[START-2] fails on a failed test, and on a file that does not load', () => {
    expect(runTests(passing + failing)).toEqual({ status: 1, lastLine: '1 passed, 1 failed, 0 skipped' });
    expect(runTests("import './nowhere.mjs';")).toEqual({
      status: 1,
      lastLine: '0 passed, 1 failed, 0 skipped',
    });
  });

  test('[START-3] with FILLWIRE_FORBID_SKIPS=1 a skipped test or a stray only fails the run', () => {
    expect(runTests(passing, forbidden).status).toBe(0);
    expect(runTests(passing + skipping, forbidden)).toEqual({
      status: 1,
      lastLine: '1 passed, 0 failed, 2 skipped',
    });
    expect(runTests(`${passing}test.only('e', () => {});`, forbidden).status).toBe(1);
  });

  test('[START-4] with --long tests do all that they can', () => {
    const long = "test('f', () => expect(process.env.FILLWIRE_LONG).toBe('1'));";
    expect(runTests(long, {}, ['--long']).status).toBe(0);
    expect(runTests(long).status).toBe(1);
  });
});
