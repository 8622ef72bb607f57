import type { OpArgs, OpResult } from '../../../shared/protocol/ops.ts';
import { type HistoryCursor, pageOf, readCursor } from '../../ports/historyCursor.ts';
import type { History } from '../../ports/projections.ts';
import type { DeskRows, HistoryRow } from './deskRows.ts';
import type { MemoryStore } from './store.ts';

type Filter = OpArgs<'history.orders'>;

/** History from the rows that MemoryDeskLog wrote. */
export class MemoryHistory implements History {
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  async orders(deskId: string, filter: Filter): Promise<OpResult<'history.orders'>> {
    return this.#page(deskId, 'orders', filter);
  }

  async fills(deskId: string, filter: Filter): Promise<OpResult<'history.fills'>> {
    return this.#page(deskId, 'fills', filter);
  }

  async trades(deskId: string, filter: Filter): Promise<OpResult<'history.trades'>> {
    return this.#page(deskId, 'trades', filter);
  }

  async equity(deskId: string, filter: OpArgs<'history.equity'>): Promise<OpResult<'history.equity'>> {
    return this.#page(deskId, 'equity', filter);
  }

  async bills(deskId: string, filter: OpArgs<'history.bills'>): Promise<OpResult<'history.bills'>> {
    return this.#page(deskId, 'bills', filter);
  }

  #page<T>(
    deskId: string,
    kind: Exclude<keyof DeskRows, 'add'>,
    filter: Filter,
  ): { items: T[]; nextCursor: string | null } {
    const cursor = readCursor({ kind, filter });
    const rows = this.#store.desks.get(deskId)?.history[kind];
    const matching = [...(rows?.values() ?? [])].filter((row) => matches(row, filter));
    const wanted = matching
      .filter((row) => cursor === undefined || newestFirst(cursor, row) < 0)
      .sort(newestFirst);
    const page = pageOf(wanted, { kind, filter }, (row) => row);
    return { items: page.items.map((row) => JSON.parse(row.text) as T), nextCursor: page.nextCursor };
  }
}

function matches(row: HistoryRow, filter: Filter): boolean {
  return (
    (filter.accountId === undefined || row.accountId === filter.accountId) &&
    (filter.botId === undefined || row.botId === filter.botId) &&
    (filter.symbol === undefined || row.symbol === filter.symbol) &&
    (filter.from === undefined || row.ts >= filter.from) &&
    (filter.to === undefined || row.ts < filter.to)
  );
}

function newestFirst(a: HistoryCursor, b: HistoryCursor): number {
  return b.ts - a.ts || compareBytes(b.id, a.id) || compareBytes(b.accountId, a.accountId);
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
