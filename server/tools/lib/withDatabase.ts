import { createPinoLogger } from '../../adapters/logging/pinoLogger.ts';
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { ConfigError, loadConfig } from '../../config.ts';
import type { Logger } from '../../ports/logger.ts';

interface Tool {
  url: string;
  logger: Logger;
  /** Wall time, ms. */
  now: number;
}

/** Runs a command-line tool on the configured database; says what went wrong and exits with 1 (2: configuration). */
export async function withDatabase(program: string, run: (tool: Tool) => Promise<void>): Promise<void> {
  const logger = createPinoLogger({ level: 'info', fields: { program } });
  try {
    const { database, dataDir } = loadConfig(process.env, []);
    const server =
      database.kind === 'embedded'
        ? await startEmbeddedPostgres({ dataDir, logger })
        : { url: database.url, stop: async () => undefined };
    try {
      await run({ url: server.url, logger, now: Date.now() });
    } finally {
      await server.stop();
    }
  } catch (error) {
    logger.error({}, error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
