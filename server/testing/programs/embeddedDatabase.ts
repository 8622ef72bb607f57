import { startEmbeddedPostgres } from '../../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { RecordingLogger } from '../recordingLogger.ts';

// embeddedDatabase DATA_DIR: starts the database, says its URL, stops it when told to.
const logger = new RecordingLogger();
const server = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', logger });
process.send?.({ url: server.url });
process.on('message', async () => {
  await server.stop();
  process.send?.({ log: logger.lines.map((line) => line.message) });
  process.disconnect();
});
