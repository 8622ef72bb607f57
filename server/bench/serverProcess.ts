import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endsWithParent } from '../projectRoot.ts';
import { portToKeep } from '../testing/sockets.ts';

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;
const POLL_MS = 5;
const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));

/** The whole server as a user starts it, on a data directory of its own. */
export interface ServerProcess {
  port: number;
  pid: number;
  /** From the start of the process to the first 200 of /readyz. */
  readyAfterMs: number;
  stop(): Promise<void>;
}

/** Throws when it ends or is not ready within a minute. */
export async function startServer(dataDir: string, env: Record<string, string> = {}): Promise<ServerProcess> {
  if (!existsSync(MAIN)) throw new Error('server/main.ts was not built');
  const port = await portToKeep();
  const local = {
    NODE_ENV: '',
    HOST: '127.0.0.1',
    PORT: String(port),
    FILLWIRE_DATA_DIR: dataDir,
    // Warnings are part of some of what is measured; they would only stand between the lines of the table.
    LOG_LEVEL: 'error',
  };
  const start = performance.now();
  const server = spawn(process.execPath, [...endsWithParent(), MAIN], {
    env: { ...process.env, ...local, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    const killer = setTimeout(() => server.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(killer);
  };
  try {
    while (!(await isReady(port))) {
      if (server.exitCode !== null)
        throw new Error(`the server ended with ${server.exitCode} while starting`);
      if (performance.now() - start > READY_LIMIT_MS)
        throw new Error('the server did not get ready within a minute');
      await delay(POLL_MS);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, pid: server.pid ?? 0, readyAfterMs: performance.now() - start, stop };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}
