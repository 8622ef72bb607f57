import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { OpArgs } from '../../shared/protocol/ops.ts';

/** Where a page of history ended: pages go from newest to oldest by (ts, id, accountId), ids compared by bytes. */
export interface HistoryCursor {
  ts: number;
  id: string;
  accountId: string;
}

/** A cursor that no page of ours ended with. */
export class InvalidCursor extends Error {
  override name = 'InvalidCursor';
}

/** What is asked for, page after page; only `limit` and `cursor` of it may differ from one page to the next. */
export interface HistoryQuery {
  kind: 'orders' | 'fills' | 'trades' | 'bills' | 'equity';
  filter: OpArgs<'history.orders'>;
}

/** @throws InvalidCursor, also when the cursor is of another query. */
export function readCursor(query: HistoryQuery): HistoryCursor | undefined {
  const { cursor: text } = query.filter;
  if (text === undefined) return undefined;
  const [ts, id, accountId, mark] = parse(text);
  if (!Number.isSafeInteger(ts) || typeof id !== 'string' || typeof accountId !== 'string') {
    throw new InvalidCursor('the cursor is not one that a page of history ended with');
  }
  if (mark !== markOf(query))
    throw new InvalidCursor('the cursor is of another op or of other filters; begin without one');
  return { ts: Number(ts), id, accountId };
}

/** Cuts rows, of which one more than `limit` was read, to a page with the cursor of the next. */
export function pageOf<T>(
  rows: T[],
  query: HistoryQuery,
  cursorOf: (row: T) => HistoryCursor,
): { items: T[]; nextCursor: string | null } {
  const { limit } = query.filter;
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, nextCursor: more ? writeCursor(cursorOf(last), query) : null };
}

function writeCursor({ ts, id, accountId }: HistoryCursor, query: HistoryQuery): string {
  return Buffer.from(JSON.stringify([ts, id, accountId, markOf(query)])).toString('base64url');
}

/** Short, and another for every other query. */
function markOf({ kind, filter }: HistoryQuery): string {
  const { accountId, botId, symbol, from, to } = filter;
  const text = JSON.stringify([kind, accountId, botId, symbol, from, to]);
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 8);
}

function parse(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
