import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Logger } from '../../ports/logger.ts';
import { clientUrl } from './clientUrl.ts';

/** A connection that is not open after this has failed. */
const CONNECT_TIMEOUT_S = 5;
/** Longest pause between two attempts to reconnect. */
const RECONNECT_PAUSE_MAX_S = 1;
/** A transaction that sits idle is rolled back: below any lease's time to live, so that it never blocks a takeover. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_CONNECTIONS = 12;

/** The raw client: int8 arrives as number (every int8 of ours is below 2^53, except tokens, which are cast to text). */
export type Sql = postgres.Sql<{ int8: number }>;

export interface Postgres {
  /** For raw SQL: the append, leases, the log. */
  sql: Sql;
  /** For typed queries: history and identity. A client of its own, because drizzle changes a client's parsers. */
  db: PostgresJsDatabase;
  /**
   * Lets go of every connection and opens new ones when needed: those of a database that says nothing would be waited
   * for as long as TCP does, a quarter of an hour. Queries under way reject; what becomes of them is not known.
   */
  reconnect(): void;
  /** Waits for running queries, then closes. */
  close(): Promise<void>;
}

export interface PostgresOptions {
  logger: Logger;
  /** Of both clients together; at least 2. */
  maxConnections?: number;
}

/** Opens clients lazily: nothing is connected before the first query. */
export function openPostgres(databaseUrl: string, options: PostgresOptions): Postgres {
  const { url, ...socket } = clientUrl(databaseUrl);
  const { logger } = options;
  const maxConnections = Math.max(2, options.maxConnections ?? DEFAULT_MAX_CONNECTIONS);
  const common = {
    ...socket,
    connect_timeout: CONNECT_TIMEOUT_S,
    backoff: (retries: number) => Math.min(0.05 * 2 ** Math.min(retries, 10), RECONNECT_PAUSE_MAX_S),
    onnotice: (notice: postgres.Notice) => logger.debug({ notice: notice.message }, 'PostgreSQL notice'),
    connection: {
      application_name: 'fillwire',
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
    },
  };
  const half = Math.floor(maxConnections / 2);
  const open = () => {
    const sql: Sql = postgres(url, {
      ...common,
      max: maxConnections - half,
      types: { int8: { to: 20, from: [20], parse: Number, serialize: String } },
    });
    const typed = postgres(url, { ...common, max: half });
    const end = (timeout: number): Promise<unknown> =>
      Promise.all([sql.end({ timeout }), typed.end({ timeout })]);
    return { sql, db: drizzle(typed), end };
  };
  let clients = open();
  return {
    sql: latest(clients.sql, () => clients.sql),
    db: latest(clients.db, () => clients.db),
    reconnect() {
      const former = clients;
      clients = open();
      former.end(0).catch((error: unknown) => {
        logger.warn({ err: error }, 'former connections to PostgreSQL could not be ended');
      });
    },
    async close() {
      await clients.end(CONNECT_TIMEOUT_S);
    },
  };
}

/** Stands for whatever `now` is at the time of use. */
function latest<T extends object>(first: T, now: () => T): T {
  return new Proxy(first, {
    apply: (_first, _this, args) => Reflect.apply(now() as T & CallableFunction, undefined, args),
    get: (_first, key) => {
      const current = now();
      const value: unknown = Reflect.get(current, key);
      return typeof value === 'function' ? value.bind(current) : value;
    },
  });
}
