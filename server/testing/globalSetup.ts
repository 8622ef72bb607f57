import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { RecordingLogger } from './recordingLogger.ts';

/**
 * One real PostgreSQL for all test files of a run, started when the first of them asks for it: a run that needs none
 * waits for none. Test files ask at the socket named by TEST_DATABASE_BROKER; with TEST_DATABASE_URL set nothing is
 * started.
 */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.TEST_DATABASE_URL !== undefined) return async () => undefined;
  const folder = mkdtempSync(join(tmpdir(), 'fillwire-db-'));
  chmodSync(folder, 0o711);
  let database: ReturnType<typeof startEmbeddedPostgres> | undefined;
  const broker = createServer((socket) => {
    database ??= startEmbeddedPostgres({ dataDir: folder, logger: new RecordingLogger() });
    database.then(
      ({ url }) => socket.end(JSON.stringify({ url })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  const path = join(folder, 'broker');
  await new Promise<void>((resolve) => broker.listen(path, resolve));
  process.env.TEST_DATABASE_BROKER = path;
  return async () => {
    broker.close();
    await database?.then(
      (server) => server.stop(),
      () => undefined,
    );
    rmSync(folder, { recursive: true, force: true });
  };
}
