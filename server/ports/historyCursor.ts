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

/** @throws InvalidCursor */
export function readCursor(text: string | undefined): HistoryCursor | undefined {
  if (text === undefined) return undefined;
  const [ts, id, accountId] = parse(text);
  if (!Number.isSafeInteger(ts) || typeof id !== 'string' || typeof accountId !== 'string') {
    throw new InvalidCursor('the cursor is not one that a page of history ended with');
  }
  return { ts: Number(ts), id, accountId };
}

/** Cuts rows, of which one more than `limit` was read, to a page with the cursor of the next. */
export function pageOf<T>(
  rows: T[],
  limit: number,
  cursorOf: (row: T) => HistoryCursor,
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, nextCursor: more ? writeCursor(cursorOf(last)) : null };
}

function writeCursor(cursor: HistoryCursor): string {
  return Buffer.from(JSON.stringify([cursor.ts, cursor.id, cursor.accountId])).toString('base64url');
}

function parse(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
