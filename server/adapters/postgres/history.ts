import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn, AnyPgTable } from 'drizzle-orm/pg-core';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { OpArgs, OpResult } from '../../../shared/protocol/ops.ts';
import { type HistoryCursor, type HistoryQuery, pageOf, readCursor } from '../../ports/historyCursor.ts';
import type { History } from '../../ports/projections.ts';
import { billHistory, equityHistory, fillHistory, orderHistory, tradeHistory } from './schema/history.ts';

/** By what some rows lack they are never filtered. */
type Filter = OpArgs<'history.orders'>;

interface Columns {
  deskId: AnyPgColumn;
  accountId: AnyPgColumn;
  ts: AnyPgColumn;
  id?: AnyPgColumn;
  botId?: AnyPgColumn;
  symbol?: AnyPgColumn;
}

/** History of one desk at a time, from the rows written with the events. */
export class PostgresHistory implements History {
  readonly #db: PostgresJsDatabase;

  constructor(db: PostgresJsDatabase) {
    this.#db = db;
  }

  orders(deskId: string, filter: Filter): Promise<OpResult<'history.orders'>> {
    return this.#entities(orderHistory, deskId, { kind: 'orders', filter });
  }

  fills(deskId: string, filter: Filter): Promise<OpResult<'history.fills'>> {
    return this.#entities(fillHistory, deskId, { kind: 'fills', filter });
  }

  trades(deskId: string, filter: Filter): Promise<OpResult<'history.trades'>> {
    return this.#entities(tradeHistory, deskId, { kind: 'trades', filter });
  }

  async equity(deskId: string, filter: OpArgs<'history.equity'>): Promise<OpResult<'history.equity'>> {
    const query: HistoryQuery = { kind: 'equity', filter };
    const rows = await this.#select(equityHistory, equityHistory, deskId, query);
    const page = pageOf(rows as (typeof equityHistory.$inferSelect)[], query, (row) => ({
      ...row,
      id: '',
    }));
    const items = page.items.map(({ deskId: _, ...row }) => row);
    return { items, nextCursor: page.nextCursor } as OpResult<'history.equity'>;
  }

  async bills(deskId: string, filter: OpArgs<'history.bills'>): Promise<OpResult<'history.bills'>> {
    const query: HistoryQuery = { kind: 'bills', filter };
    const rows = await this.#select(billHistory, billHistory, deskId, query);
    const page = pageOf(rows as (typeof billHistory.$inferSelect)[], query, (row) => row);
    const items = page.items.map(({ deskId: _, id, ...row }) => ({ billId: id, ...row }));
    return { items, nextCursor: page.nextCursor } as OpResult<'history.bills'>;
  }

  /** Rows that carry the entity itself. */
  async #entities<T>(
    table: typeof orderHistory | typeof fillHistory | typeof tradeHistory,
    deskId: string,
    query: HistoryQuery,
  ): Promise<{ items: T[]; nextCursor: string | null }> {
    const rows = (await this.#select(table, table, deskId, query)) as (HistoryCursor & { body: string })[];
    const page = pageOf(rows, query, (row) => row);
    return { items: page.items.map((row) => JSON.parse(row.body) as T), nextCursor: page.nextCursor };
  }

  /** One row more than the page, to know whether there is another. */
  #select(table: AnyPgTable, columns: Columns, deskId: string, query: HistoryQuery): Promise<unknown[]> {
    const order = [columns.ts, ...(columns.id === undefined ? [] : [columns.id]), columns.accountId];
    return this.#db
      .select()
      .from(table)
      .where(conditions(columns, deskId, query))
      .orderBy(...order.map((column) => desc(column)))
      .limit(query.filter.limit + 1);
  }
}

function conditions(columns: Columns, deskId: string, query: HistoryQuery): SQL | undefined {
  const { filter } = query;
  const cursor = readCursor(query);
  const matches = (column: AnyPgColumn | undefined, wanted: string | undefined): SQL | undefined =>
    wanted === undefined || column === undefined ? undefined : eq(column, wanted);
  return and(
    eq(columns.deskId, deskId),
    matches(columns.accountId, filter.accountId),
    matches(columns.botId, filter.botId),
    matches(columns.symbol, filter.symbol),
    filter.from === undefined ? undefined : gte(columns.ts, filter.from),
    filter.to === undefined ? undefined : lt(columns.ts, filter.to),
    cursor === undefined ? undefined : before(columns, cursor),
  );
}

function before(columns: Columns, cursor: HistoryCursor): SQL {
  return columns.id === undefined
    ? sql`(${columns.ts}, ${columns.accountId}) < (${cursor.ts}, ${cursor.accountId})`
    : sql`(${columns.ts}, ${columns.id}, ${columns.accountId}) < (${cursor.ts}, ${cursor.id}, ${cursor.accountId})`;
}
