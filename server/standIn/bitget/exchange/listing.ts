/** One page of rows, newest first. */
export interface Page<T> {
  rows: T[];
  /** Of the last row; null: there is none. */
  lastId: string | null;
}

export interface PageQuery<T> {
  idOf: (row: T) => string;
  timeOf: (row: T) => number;
  /** Rows before the one of this id. */
  before: string | undefined;
  start: number | undefined;
  end: number | undefined;
  limit: number;
}

export function pageOf<T>(rows: Iterable<T>, query: PageQuery<T>): Page<T> {
  const { idOf, timeOf, before, start = 0, end = Number.POSITIVE_INFINITY, limit } = query;
  const found = [...rows]
    .filter((row) => timeOf(row) >= start && timeOf(row) <= end)
    .filter((row) => before === undefined || compareIds(idOf(row), before) < 0)
    .sort((a, b) => compareIds(idOf(b), idOf(a)))
    .slice(0, limit);
  const last = found.at(-1);
  return { rows: found, lastId: last === undefined ? null : idOf(last) };
}

/** Ids are numbers too long for one. */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a === b ? 0 : 1;
}
