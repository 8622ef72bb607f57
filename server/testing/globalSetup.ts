import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { RecordingLogger } from './recordingLogger.ts';
import { tellAt } from './runBroker.ts';

const FOLDER_PREFIX = 'fillwire-db-';

/**
 * One real PostgreSQL for all test files of a run, started when the first of them asks for it: a run that needs none
 * waits for none. Test files ask at the socket named by TEST_DATABASE_BROKER; with TEST_DATABASE_URL set nothing is
 * started.
 */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.TEST_DATABASE_URL !== undefined) return async () => undefined;
  await removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  chmodSync(folder, 0o711);
  let stop = async (): Promise<void> => undefined;
  const path = join(folder, 'broker');
  const end = await tellAt(path, async () => {
    const server = await startEmbeddedPostgres({ dataDir: folder, logger: new RecordingLogger() });
    stop = () => server.stop();
    return server.url;
  });
  process.env.TEST_DATABASE_BROKER = path;
  return async () => {
    await end();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Servers and folders of runs that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(FOLDER_PREFIX))) {
    if (isRunning(Number(name.slice(FOLDER_PREFIX.length).split('-')[0]))) continue;
    const folder = join(tmpdir(), name);
    if (existsSync(join(folder, 'postgres', 'data', 'postmaster.pid'))) {
      const orphan = await startEmbeddedPostgres({ dataDir: folder, logger: new RecordingLogger() }).catch(
        () => undefined,
      );
      await orphan?.stop();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
