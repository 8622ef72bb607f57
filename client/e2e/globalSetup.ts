import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endsWithParent } from '../../server/projectRoot.ts';
import { tellAt } from '../../server/testing/runBroker.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One built dashboard for all test files of a run, never that of an earlier build: made when the first asks for it. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'fillwire-client-'));
  const path = join(folder, 'broker');
  const end = await tellAt(path, () => buildDashboard(join(folder, 'built')));
  process.env.TEST_DASHBOARD_BROKER = path;
  return async () => {
    await end();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** In a process of its own, and as it is shipped: under the tests' own NODE_ENV it would be a build for development. */
async function buildDashboard(outDir: string): Promise<string> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const options = ['--config', 'client/vite.config.ts', '--logLevel', 'error', '--outDir', outDir];
  const child = spawn(process.execPath, [...endsWithParent(), vite, 'build', ...options], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0 || !existsSync(join(outDir, 'index.html')))
    throw new Error(`the dashboard could not be built: vite ended with ${code}`);
  return outDir;
}
