import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { VenueBill, VenueFill, VenueOrder, VenueOrderRef } from '../../../ports/venue.ts';
import { isMeant } from '../account/orderRef.ts';
import type { SimulatedAccount } from '../account/state.ts';
import { storedAccount, storedFill, storedOrder } from './storedAccount.ts';
import {
  type LoadedVenue,
  MAX_HISTORY_ROWS,
  type SavedVenue,
  type VenueBatch,
  VenueRowsRefused,
  type VenueStore,
  VenueStoreLost,
} from './venueStore.ts';
import { venueTables } from './venueTables.ts';

/** One connection writes, one reads; a third, of its own client, holds the lock. */
const MAX_CONNECTIONS = 2;
/** A connection that is not open after this has failed; longest pause before the next attempt. */
const CONNECT_TIMEOUT_S = 5;
const RECONNECT_PAUSE_MAX_S = 1;
/** How long `open` waits for a predecessor to let go, wall milliseconds, and how often it looks. */
const LOCK_WAIT_MS = 10_000;
const LOCK_POLL_MS = 100;
/** What a former holder of the desks' lease has to let go by itself, as one that is being stopped does, wall milliseconds. */
const FORMER_WAIT_MS = 3_000;
/** By which the lock of a server is told from that of a venue in a process of its own. */
const UNDER_LEASE = 'fillwire-venue-of-server';

export interface PostgresVenueStoreOptions {
  url: string;
  schema?: string;
  /** Opened only by who holds the desks' lease: a former holder that stands still, and lets go of nothing, loses it. */
  isUnderLease?: boolean;
  clock: Clock;
  logger: Logger;
}

/** Faults of the rows themselves: a row twice, text or numbers that cannot be kept, a key taken, too much of it. */
const NEVER_STORED = /^(21|22|23|54)/;

interface BodyRow {
  body: string;
}

/** The venue's own tables in a PostgreSQL schema of their own; no engine transaction ever touches them. */
export class PostgresVenueStore implements VenueStore {
  readonly #options: PostgresVenueStoreOptions;
  readonly #sql: postgres.Sql;
  readonly #schema: string;
  readonly #owner = randomUUID();
  /** A client of one connection: what it locks stays locked until that connection ends. */
  readonly #lock: postgres.Sql;

  constructor(options: PostgresVenueStoreOptions) {
    this.#options = options;

    this.#schema = options.schema ?? 'venue_sim';
    if (!/^[a-z][a-z0-9_]{0,40}$/.test(this.#schema))
      throw new TypeError(`not a schema name: ${this.#schema}`);
    const common = {
      onnotice: () => {},
      connect_timeout: CONNECT_TIMEOUT_S,
      backoff: (retries: number) => Math.min(0.05 * 2 ** Math.min(retries, 10), RECONNECT_PAUSE_MAX_S),
      connection: {
        application_name: options.isUnderLease === true ? UNDER_LEASE : 'fillwire-venue',
        search_path: this.#schema,
      },
    };
    this.#sql = postgres(options.url, { max: MAX_CONNECTIONS, ...common });
    this.#lock = postgres(options.url, { max: 1, idle_timeout: 0, max_lifetime: null, ...common });
  }

  async open(): Promise<LoadedVenue> {
    await this.#lockOut();
    await this.#sql.unsafe(venueTables(this.#schema)).simple();
    const rows = await this.#sql<{ path_id: string | null; anchor: string; played_to: string }[]>`
      INSERT INTO market (id, owner) VALUES (1, ${this.#owner})
      ON CONFLICT (id) DO UPDATE SET owner = excluded.owner
      RETURNING path_id, anchor, played_to`;
    const row = rows[0];
    const accounts = await this.#sql<{ state: string }[]>`
      SELECT state FROM accounts WHERE has_open ORDER BY number`;
    const last = await this.#sql<{ number: number | null }[]>`SELECT max(number) AS number FROM accounts`;
    const saved: SavedVenue | undefined =
      row === undefined || row.path_id === null
        ? undefined
        : {
            pathId: row.path_id,
            anchor: JSON.parse(row.anchor) as SavedVenue['anchor'],
            playedTo: Number(row.played_to),
          };
    return {
      saved,
      accounts: accounts.map(({ state }) => storedAccount(state)),
      lastNumber: last[0]?.number ?? 0,
    };
  }

  async account(accountId: string): Promise<SimulatedAccount | undefined> {
    const rows = await this.#sql<{ state: string }[]>`
      SELECT state FROM accounts WHERE account_id = ${accountId}`;
    return rows.map(({ state }) => storedAccount(state))[0];
  }

  async commit(batch: VenueBatch): Promise<void> {
    const owned = await this.#written(batch).catch((error: unknown) => {
      const { code, message } = error as { code?: string; message?: string };
      if (code !== undefined && NEVER_STORED.test(code))
        throw new VenueRowsRefused(message, { cause: error });
      throw error;
    });
    if (owned.length === 0) throw new VenueStoreLost('another process owns the simulated venue now');
  }

  #written(batch: VenueBatch): Promise<{ id: number }[]> {
    const { venue, accounts, fills, bills, orders } = batch;
    // One statement: one round trip, atomic, and it writes only while this process owns the store.
    return this.#sql<{ id: number }[]>`
      WITH own AS (
        UPDATE market SET path_id = ${venue.pathId}, anchor = ${JSON.stringify(venue.anchor)},
          played_to = ${String(venue.playedTo)}::text::bigint
        WHERE id = 1 AND owner = ${this.#owner} RETURNING id
      ), a AS (
        INSERT INTO accounts (account_id, number, state)
        SELECT r.account_id, r.number, r.state FROM own, unnest(
          ${accounts.map((row) => row.accountId)}::text[], ${accounts.map((row) => row.number)}::int[],
          ${accounts.map((row) => row.state)}::text[]) AS r (account_id, number, state)
        ON CONFLICT (account_id) DO UPDATE SET state = excluded.state
      ), f AS (
        INSERT INTO fills (account_id, cursor, body)
        SELECT r.account_id, r.cursor, r.body FROM own, unnest(
          ${fills.map((row) => row.accountId)}::text[], ${fills.map((row) => row.fill.cursor)}::int[],
          ${fills.map((row) => JSON.stringify(row.fill))}::text[]) AS r (account_id, cursor, body)
        ON CONFLICT DO NOTHING
      ), b AS (
        INSERT INTO bills (account_id, cursor, body)
        SELECT r.account_id, r.cursor, r.body FROM own, unnest(
          ${bills.map((row) => row.accountId)}::text[], ${bills.map((row) => row.bill.cursor)}::int[],
          ${bills.map((row) => JSON.stringify(row.bill))}::text[]) AS r (account_id, cursor, body)
        ON CONFLICT DO NOTHING
      ), o AS (
        INSERT INTO orders (account_id, venue_order_id, client_order_id, symbol, ts, body)
        SELECT r.account_id, r.venue_order_id, r.client_order_id, r.symbol, r.ts::bigint, r.body FROM own, unnest(
          ${orders.map((row) => row.accountId)}::text[], ${orders.map((row) => row.order.venueOrderId)}::text[],
          ${orders.map((row) => row.order.clientOrderId)}::text[], ${orders.map((row) => row.order.symbol)}::text[],
          ${orders.map((row) => String(row.order.ts))}::text[], ${orders.map((row) => JSON.stringify(row.order))}::text[])
          AS r (account_id, venue_order_id, client_order_id, symbol, ts, body)
        ON CONFLICT DO NOTHING
      )
      SELECT id FROM own`;
  }

  async clientIdsSince(accountId: string, ts: number): Promise<{ clientOrderId: string; ts: number }[]> {
    const rows = await this.#sql<{ client_order_id: string; ts: string }[]>`
      SELECT client_order_id, ts FROM orders
      WHERE account_id = ${accountId} AND ts > ${String(ts)}::text::bigint AND client_order_id IS NOT NULL
      ORDER BY ts`;
    return rows.map((row) => ({ clientOrderId: row.client_order_id, ts: Number(row.ts) }));
  }

  async endedOrder(accountId: string, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    const rows = await this.#sql<BodyRow[]>`
      SELECT body FROM orders
      WHERE account_id = ${accountId} AND symbol = ${symbol}
        AND (client_order_id = ${ref.clientOrderId} OR venue_order_id = ${ref.venueOrderId})
      ORDER BY ts DESC`;
    return rows.map(({ body }) => storedOrder(body)).find((order) => isMeant(symbol, ref, order));
  }

  async endedOrdersSince(accountId: string, ts: number): Promise<VenueOrder[]> {
    const rows = await this.#sql<BodyRow[]>`
      SELECT body FROM orders WHERE account_id = ${accountId} AND ts > ${String(ts)}::text::bigint
      ORDER BY ts LIMIT ${MAX_HISTORY_ROWS}`;
    return rows.map(({ body }) => storedOrder(body));
  }

  async fillsSince(accountId: string, cursor: number): Promise<VenueFill[]> {
    const rows = await this.#sql<BodyRow[]>`
      SELECT body FROM fills WHERE account_id = ${accountId} AND cursor > ${cursor}
      ORDER BY cursor LIMIT ${MAX_HISTORY_ROWS}`;
    return rows.map(({ body }) => storedFill(body));
  }

  async billsSince(accountId: string, cursor: number): Promise<VenueBill[]> {
    const rows = await this.#sql<BodyRow[]>`
      SELECT body FROM bills WHERE account_id = ${accountId} AND cursor > ${cursor}
      ORDER BY cursor LIMIT ${MAX_HISTORY_ROWS}`;
    return rows.map((row) => JSON.parse(row.body) as VenueBill);
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: CONNECT_TIMEOUT_S });
    await this.#lock.end({ timeout: CONNECT_TIMEOUT_S });
  }

  /** A session lock keeps two venues from taking turns; the owner's token is what makes it safe. */
  async #lockOut(): Promise<void> {
    const { clock, logger, isUnderLease = false } = this.#options;
    const since = clock.now();
    for (;;) {
      const rows = await this.#lock<{ held: boolean }[]>`
        SELECT pg_try_advisory_lock(hashtext(${this.#lockName})) AS held`;
      if (rows[0]?.held === true) return;
      const waitedMs = clock.now() - since;
      if (waitedMs >= LOCK_WAIT_MS) {
        await this.close();
        throw new Error(`the simulated venue in schema ${this.#schema} belongs to another running process`);
      }
      logger.info({ schema: this.#schema }, 'waiting for another process to release the venue');
      if (isUnderLease && waitedMs >= FORMER_WAIT_MS) await this.#endFormer();
      await new Promise<void>((resolve) => clock.after(LOCK_POLL_MS, resolve));
    }
  }

  get #lockName(): string {
    return `fillwire venue ${this.#schema}`;
  }

  /** Takes the lock from a server whose lease has ended. What it still writes changes nothing: it is not the owner. */
  async #endFormer(): Promise<void> {
    const ended = await this.#sql`
      SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND granted AND application_name = ${UNDER_LEASE}
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32 | objid::bigint) = hashtext(${this.#lockName})::bigint`;
    if (ended.length > 0)
      this.#options.logger.warn({ schema: this.#schema }, 'a former server stands still: the venue is taken');
  }
}
