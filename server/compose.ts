import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { steadyClock } from './adapters/clock/steadyClock.ts';
import { systemClock } from './adapters/clock/systemClock.ts';
import { AccountDirectoryFile } from './adapters/files/accountDirectory.ts';
import { PanicJournalFolder } from './adapters/files/panicJournal.ts';
import { startHeartbeat } from './adapters/heartbeat/heartbeat.ts';
import { MemoryEventBus } from './adapters/memory/eventBus.ts';
import { PostgresDeskLog } from './adapters/postgres/deskLog.ts';
import { startEmbeddedPostgres } from './adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { PostgresHistory } from './adapters/postgres/history.ts';
import { PostgresIdentityStore } from './adapters/postgres/identityStore.ts';
import { migrate } from './adapters/postgres/migrate.ts';
import { openPostgres } from './adapters/postgres/openPostgres.ts';
import { PostgresSealedKeyRows } from './adapters/postgres/sealedKeyRows.ts';
import { PostgresShardLeases } from './adapters/postgres/shardLeases.ts';
import { RedisEventPublisher } from './adapters/redis/eventPublisher.ts';
import { RedisEventStream } from './adapters/redis/eventStream.ts';
import { composeVenue } from './composeVenue.ts';
import type { Config } from './config.ts';
import { DEFAULT_ENGINE_SETTINGS } from './core/context.ts';
import { createGateway } from './gateway/createGateway.ts';
import { newConnectionRate } from './gateway/limits.ts';
import { createIdentity } from './identity/createIdentity.ts';
import { newFirstAccountCode } from './identity/registration.ts';
import { SealedVenueKeys } from './keys/sealedVenueKeys.ts';
import type { EventPublisher, EventStream } from './ports/eventBus.ts';
import type { Logger } from './ports/logger.ts';
import { withOlderOrders } from './runtime/firstVersion/history.ts';
import { createKernel } from './runtime/kernel.ts';

/** How long a stopping server waits for requests under way, wall ms. */
const DRAIN_MS = 5_000;
/** How often logins and devices that ended long ago are forgotten, wall ms. */
const PRUNE_EVERY_MS = 3_600_000;

export interface App {
  /** Serves and recovers; resolves to the port once everything is ready. */
  start(): Promise<number>;
  /** What the first account must be made with; null: it exists, or nobody else can reach this server. */
  firstAccountCode(): Promise<string | null>;
  /** Stops serving, finishes what is under way, lets the lease go; the database last. */
  stop(): Promise<void>;
}

export interface ComposeOptions {
  config: Config;
  logger: Logger;
  /** The folder with migrations/, dist/ and docs/ in it. */
  root: string;
  /** Another process has taken the desks over, or the database says so: this process must end. */
  onFatal(reason: string): void;
  /** Another than the configuration asks for. */
  composeVenue?: typeof composeVenue;
}

/** The one place that names concrete adapters: what the configuration asks for, plugged together. */
export async function compose(options: ComposeOptions): Promise<App> {
  const database = await composeDatabase(options.config, options.logger);
  try {
    return await composeOn(database, options);
  } catch (error) {
    await database.stop();
    throw error;
  }
}

async function composeOn(
  database: Database,
  { config, logger, root, onFatal, composeVenue: venueOf = composeVenue }: ComposeOptions,
): Promise<App> {
  const clock = systemClock;
  // What decides, waits and makes markets: nobody sets it. What follows the calendar goes by the machine's.
  const steady = steadyClock(clock);
  const postgres = openPostgres(database.url, { logger });
  await migrate(database.url, join(root, 'migrations'));
  const log = new PostgresDeskLog(postgres.sql);
  const epoch = await log.epoch();
  const bus = composeBus(config.redisUrl, config.secrets.jwtSecret, logger);

  const keys = new SealedVenueKeys(new PostgresSealedKeyRows(postgres.db), config.secrets);
  const composed = await venueOf(config, { databaseUrl: database.url, clock: steady, logger, keys });
  // One process per data directory: it finds its own former lease. A shared database names each process.
  const owner =
    config.database.kind === 'embedded' ? 'local' : `${hostname()}:${process.pid}:${randomUUID()}`;
  // A recording is another market: nobody panics there.
  const isPlayed = config.replay !== null;
  const kernel = createKernel(
    {
      ...{ clock, steady, logger, log, publisher: bus.publisher },
      lease: { leases: new PostgresShardLeases(postgres.sql, clock), owner },
      feeds: [composed.feed],
      venues: [composed.venue],
      panics: isPlayed ? undefined : new PanicJournalFolder(config.dataDir, logger),
      directory: isPlayed ? undefined : new AccountDirectoryFile(config.dataDir),
      onStoreSilent: () => postgres.reconnect(),
    },
    {
      epoch,
      engine: {
        ...DEFAULT_ENGINE_SETTINGS,
        maxBotsPerDesk: config.maxBotsPerUser,
        resumeWithinMs: config.resumeWithinMs,
      },
      lockStep: composed.lockStep,
      firstVenue: composed.venue.venue,
    },
  );
  const { hub, health, lease, engine, commands, queries, admin } = kernel;
  if (composed.lockStep) hub.setBarrier(() => kernel.settled());

  let isStandby = true;
  const reached = { market: false, desks: false };
  // The lease is renewed in the database every few seconds: it ends soon after the database is gone.
  const readiness = () => {
    const checks = {
      ...reached,
      market: reached.market && hub.goesOn,
      lease: lease.leftMs() > 0,
      store: health.degradation === null,
    };
    const ready = Object.values(checks).every(Boolean);
    // Without the bus devices hear later, by what is read from the log, but they hear.
    const shown = { ...checks, bus: bus.publisher.isConnected && bus.stream.isConnected };
    // A stuck desk takes nobody else down with it.
    return { ready, checks: shown, stuckDesks: engine.troubles.count, awakeDesks: engine.count };
  };
  let stopHeartbeat = (): void => {};
  // Whoever finds a new server first would else be its administrator.
  const firstAccountCode = config.mode === 'local' ? null : newFirstAccountCode();
  const identity = createIdentity({
    store: new PostgresIdentityStore(postgres.db),
    clock,
    logger,
    publisher: bus.publisher,
    secrets: config.secrets,
    config: {
      accessLifetimeMs: config.accessTokenTtlMs,
      refreshLifetimeMs: config.refreshTokenTtlMs,
      registration: config.registration,
      firstAccountCode,
    },
  });
  let stopPruning = (): void => {};
  const prune = (): void => {
    stopPruning = clock.after(PRUNE_EVERY_MS, prune);
    identity.prune().catch((error: unknown) => logger.warn({ error }, 'old logins could not be forgotten'));
  };
  const sealAnew = (): void => {
    keys.resealAll().then(
      ({ resealed, closed }) => {
        if (resealed > 0) logger.info({ accounts: resealed }, 'keys of accounts are encrypted anew');
        if (closed > 0)
          logger.error(
            { accounts: closed },
            'keys of accounts cannot be opened: ENCRYPTION_KEY is another one',
          );
      },
      (error: unknown) => logger.warn({ error }, 'whether keys of accounts can be opened is not known'),
    );
  };
  const gateway = createGateway({
    clock,
    logger,
    config: {
      allowedOrigins: config.corsOrigins,
      hosts: config.allowedHosts,
      trustedProxyHops: config.trustedProxyHops,
      secureCookies: config.mode === 'deployed',
      limits: {
        connectionsPerUser: config.maxConnectionsPerUser,
        newConnectionRate: newConnectionRate(config.maxNewConnectionsPerAddress),
      },
    },
    authenticator: identity,
    commands,
    keys: kernel.accountKeys(keys),
    queries,
    admin,
    history: withOlderOrders(new PostgresHistory(postgres.db)),
    deskHistory: kernel.history,
    market: hub,
    stream: bus.stream,
    staticDir: join(root, 'dist', 'client'),
    docsDir: join(root, 'docs'),
    docPagesDir: join(root, 'dist', 'docs'),
    readiness,
    // Who stood still for longer than its lease does not know yet whether another has the desks: what it has in memory may
    // be old. Where the store is away everybody has been told, and reads go on.
    isStandby: () => isStandby || (lease.leftMs() <= 0 && health.degradation === null),
    health,
    deskHealth: engine.troubles,
  });

  return {
    async start() {
      // First, so that a second process on the same port ends before it touches anything.
      const port = await gateway.listen(config.host, config.port);
      await lease.acquire(() => onFatal('another process has taken the desks over'));
      isStandby = false;
      await composed.start();
      await hub.start();
      reached.market = true;
      await kernel.takeOver();
      reached.desks = true;
      sealAnew();
      prune();
      if (config.heartbeatUrl !== null) {
        stopHeartbeat = startHeartbeat({
          url: config.heartbeatUrl,
          clock,
          logger,
          isWell: () => readiness().ready,
        });
      }
      return port;
    },
    firstAccountCode: async () => ((await identity.hasUsers()) ? null : firstAccountCode),
    async stop() {
      stopHeartbeat();
      stopPruning();
      await gateway.close({ drainMs: DRAIN_MS });
      await kernel.stop();
      await composed.stop();
      await bus.close();
      await postgres.close();
      await database.stop();
    },
  };
}

interface Database {
  url: string;
  stop(): Promise<void>;
}

async function composeDatabase(config: Config, logger: Logger): Promise<Database> {
  const { database, dataDir, replay } = config;
  if (database.kind === 'server') {
    if (replay === null) return { url: database.url, stop: async () => {} };
    throw new Error('--replay plays in a database of its own: start it without DATABASE_URL');
  }
  // A recording is another market: its accounts and bots never mix with those of the simulated one.
  // Another recording under the same name is another market again.
  const place = replay === null ? dataDir : join(dataDir, 'replay', await recordingName(replay.file));
  return startEmbeddedPostgres({ dataDir: place, logger });
}

async function recordingName(file: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return `${basename(file)}-${digest.slice(0, 12)}`;
}

function composeBus(
  redisUrl: string | null,
  secret: string,
  logger: Logger,
): { publisher: EventPublisher; stream: EventStream; close(): Promise<void> } {
  if (redisUrl === null) {
    const bus = new MemoryEventBus();
    const stream = bus.stream();
    return { publisher: bus, stream, close: () => stream.close() };
  }
  const publisher = new RedisEventPublisher({ url: redisUrl, secret, logger });
  const stream = new RedisEventStream({ url: redisUrl, secret, logger });
  return {
    publisher,
    stream,
    close: async () => {
      await stream.close();
      await publisher.close();
    },
  };
}
