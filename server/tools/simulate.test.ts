import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { VENUE_KINDS } from '../simulation/venueKinds.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// Each starts programs of several threads.
vi.setConfig({ testTimeout: 180_000 });
const folder = mkdtempSync(join(tmpdir(), 'fillwire-simulate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(tool: 'simulate' | 'simulateMutants', ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.mjs', tool, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('npm run simulate', () => {
  test('[SIMU-9] runs its seeds over several threads, shows progress and coverage, and writes counts', () => {
    const json = join(folder, 'counts.json');
    const { status, stdout, stderr } = run(
      'simulate',
      '--seeds',
      '4',
      '--steps',
      '600',
      '--jobs',
      '2',
      '--json',
      json,
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/steps, \d\/4 seeds, \d+ steps\/s, 0 failed/);
    expect(stdout).toMatch(/faults and crash points\n +\d+ {2}\w+/);
    expect(stdout).toMatch(/steps over 4 seeds in .* 0 seeds failed\nPASSED/);
    const report = JSON.parse(readFileSync(json, 'utf8'));
    expect(report).toMatchObject({
      seeds: 4,
      found: [],
      isPassed: true,
      plan: { threads: 2, stepsPerSeed: 150 },
    });
    expect(report.steps).toBeGreaterThanOrEqual(600);
    expect(report.counts['quiet phases']).toBeGreaterThanOrEqual(4);
  });

  test('[SIMU-5] [SIMU-9] goes on after a failure, tells seed, profile, shortest history and what broke, and ends with 1', () => {
    const args = ['--seed', '1', '--seeds', '3', '--steps', '600', '--jobs', '2', '--mutant', 'seq-gap'];
    const { status, stdout } = run('simulate', ...args);
    expect(status).toBe(1);
    for (const seed of [1, 2, 3]) {
      const profile = VENUE_KINDS[seed];
      expect(stdout).toMatch(new RegExp(`FAILED {2}seed ${seed}, profile ${profile}, step \\d+ .*INV-3`));
      expect(stdout).toContain(`--seed ${seed} --profile ${profile} --steps 200 --seeds 1 --mutant seq-gap`);
      expect(stdout).toContain(`seed ${seed} as it was, to its end`);
      expect(stdout).toMatch(new RegExp(`seed ${seed} shortened to \\d+ of \\d+ faults and commands: INV-3`));
    }
    const few = run('simulate', ...args, '--max-failures', '1', '--jobs', '1');
    expect(few.stdout).toMatch(/over 1 seeds in .* 1 seeds failed/);
  });

  test('[SIMU-9] refuses what it does not understand', () => {
    for (const args of [['--steps', 'many'], ['--profile', 'none'], ['--mutant', 'none'], ['--nothing']]) {
      const { status, stderr } = run('simulate', ...args);
      expect(status).toBe(2);
      expect(stderr).toContain('usage: npm run simulate');
    }
  });
});

describe('npm run simulate:mutants', () => {
  test('[SIMU-7] names each mutant, what it breaks and which invariant caught it; ends with 1 when one survives', () => {
    const caught = run('simulateMutants', '--only', 'seq-gap', '--only', 'published-before-commit');
    expect(caught.status).toBe(0);
    expect(caught.stdout).toMatch(/caught +seq-gap +INV-3 +seed 1, \d+ steps/);
    expect(caught.stdout).toContain('2 of 2 mutants caught');
    const survived = run('simulateMutants', '--only', 'funding-ignored', '--seeds', '1', '--steps', '1');
    expect(survived.status).toBe(1);
    expect(survived.stdout).toMatch(/SURVIVED +funding-ignored .*must be caught by INV-9/);
  });
});
