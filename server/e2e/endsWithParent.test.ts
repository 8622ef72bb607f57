import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { endsWithParent, projectRoot } from '../projectRoot.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';

const cleanups = cleanupsAfterEach();

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether a PostgreSQL of this data directory runs or was left without being stopped. */
function hasDatabase(dataDir: string): boolean {
  return readdirSync(dataDir, { recursive: true }).some((name) => String(name).endsWith('postmaster.pid'));
}

it.each(['SIGINT', 'SIGKILL'] as const)(
  '[MET-8] a server started by a tool that gets %s by itself ends, and its database with it',
  async (signal) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'fw-orphan-'));
    const main = join(projectRoot(), 'dist/server/main.mjs');
    expect(existsSync(main), 'built').toBe(true);
    const env = { HOST: '127.0.0.1', PORT: '0', FILLWIRE_DATA_DIR: dataDir, NODE_ENV: 'development' };
    const start = `require('node:child_process').spawn(process.execPath, ${JSON.stringify([...endsWithParent(), main])},
      { env: { ...process.env, ...${JSON.stringify(env)} }, stdio: ['ignore', 'inherit', 'inherit'] })
      .on('spawn', function () { console.log('started', this.pid); }); setInterval(() => {}, 1000);`;
    const tool = spawn(process.execPath, ['-e', start], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    tool.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await eventually('the server is ready', () => output.includes('Fillwire is ready'));
    const pid = Number(/started (\d+)/.exec(output)?.[1]);
    expect(output).toMatch(new RegExp(`"pid":${pid},.*Fillwire is ready`));
    cleanups.push(() => {
      if (lives(pid)) process.kill(pid, 'SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    });
    expect([lives(pid), hasDatabase(dataDir)]).toEqual([true, true]);
    tool.kill(signal);
    await once(tool, 'exit');
    await eventually('the server has ended', () => !lives(pid));
    expect(hasDatabase(dataDir)).toBe(false);
  },
);
