import { createPinoLogger } from './adapters/logging/pinoLogger.ts';
import { surviveStrayRejections } from './adapters/postgres/strayRejections.ts';
import { compose } from './compose.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { CannotListen } from './gateway/cannotListen.ts';
import { projectRoot } from './projectRoot.ts';

/** The server: configuration, start, signals, shutdown. */
async function run(config: Config): Promise<void> {
  const logger = createPinoLogger({ level: config.logLevel, fields: { program: 'fillwire' } });
  surviveStrayRejections(logger);
  let stopping = false;
  const app = await compose({
    config,
    logger,
    root: projectRoot(),
    onFatal: (reason) => {
      logger.error({ reason }, 'this process must not go on');
      process.exit(EXIT_FENCED);
    },
  });
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    await app.stop();
    logger.info({}, 'stopped');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal));
  const port = await app.start().catch(async (error: unknown) => {
    // Whatever was reached is let go in order; the database that came up with us goes down with us.
    await app.stop().catch(() => {});
    throw error;
  });
  const host = config.host.includes(':') ? `[${config.host.replace(/[[\]]/g, '')}]` : config.host;
  const url = `http://${host}:${port}`;
  // The one to signal: what started it may be another process.
  logger.info({ url, pid: process.pid, simulated: true }, 'Fillwire is ready');
  const code = await app.firstAccountCode();
  // Not through the logger: logs are collected and kept by others than the operator.
  if (code !== null)
    process.stdout.write(`\n  The first account of this server needs this code: ${code}\n\n`);
  // For the person who just typed `npm start`; programs read the line above.
  if (process.stdout.isTTY) process.stdout.write(`\n  Fillwire is ready. Open ${url}\n\n`);
}

const EXIT_FENCED = 3;
const EXIT_CONFIG = 2;

try {
  run(loadConfig(process.env, process.argv.slice(2))).catch((error: unknown) => {
    const reason =
      error instanceof CannotListen ? error.message : error instanceof Error ? error.stack : error;
    process.stderr.write(`Fillwire could not start: ${reason}\n`);
    process.exit(1);
  });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(EXIT_CONFIG);
}
