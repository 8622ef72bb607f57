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

export function pageOf<T>(rows: readonly T[], query: PageQuery<T>): Page<T> {
  const { idOf, timeOf, before, start = 0, end = Number.POSITIVE_INFINITY, limit } = query;
  const older = before === undefined ? undefined : BigInt(before);
  const found = rows
    .filter((row) => timeOf(row) >= start && timeOf(row) <= end)
    .filter((row) => older === undefined || BigInt(idOf(row)) < older)
    .sort((a, b) => (BigInt(idOf(a)) < BigInt(idOf(b)) ? 1 : -1))
    .slice(0, limit);
  const last = found.at(-1);
  return { rows: found, lastId: last === undefined ? null : idOf(last) };
}
