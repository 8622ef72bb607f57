import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type BenchContext, type Benchmark, median } from '../benchmark.ts';
import { atMost, type Figure, figure } from '../figure.ts';
import { withTempFolder } from '../tempFolder.ts';

const FIRST_START_GOAL_MS = 2_500;
const ROUNDS = { quick: 1, full: 3 } as const;
const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;
const POLL_MS = 5;
const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** From the start of the process to the first 200 of /readyz, ms; the server is stopped again. */
export async function timeStart(dataDir: string): Promise<number> {
  const port = await freePort();
  const env = {
    ...process.env,
    NODE_ENV: '',
    HOST: '127.0.0.1',
    PORT: String(port),
    FILLWIRE_DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
  };
  const start = performance.now();
  const server = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  try {
    while (!(await isReady(port))) {
      if (server.exitCode !== null)
        throw new Error(`the server ended with ${server.exitCode} while starting`);
      if (performance.now() - start > READY_LIMIT_MS)
        throw new Error('the server did not get ready within a minute');
      await delay(POLL_MS);
    }
    return performance.now() - start;
  } finally {
    server.kill('SIGTERM');
    const killer = setTimeout(() => server.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(killer);
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function measure(context: BenchContext): Promise<Figure[]> {
  if (!existsSync(MAIN)) throw new Error('server/main.ts was not built');
  const first: number[] = [];
  const later: number[] = [];
  for (let round = 0; round < ROUNDS[context.quick ? 'quick' : 'full']; round += 1) {
    await withTempFolder(async (dataDir) => {
      context.progress(`first start with an empty data directory, round ${round + 1}`);
      first.push(await timeStart(dataDir));
      later.push(await timeStart(dataDir));
    });
  }
  return [
    figure(
      'ready, first start',
      median(first),
      'ms',
      atMost(FIRST_START_GOAL_MS),
      'empty data directory, database made',
    ),
    figure('ready, second start', median(later), 'ms', null, 'data directory of the first start'),
  ];
}

export const startup: Benchmark = { name: 'ready', fullOnly: false, run: measure };
