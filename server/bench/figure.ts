/** One measured value, and whether it reaches what was asked of it. */
export interface Figure {
  name: string;
  /** Null: it could not be measured; the note says why. */
  value: number | null;
  unit: string;
  /** Null: measured for comparison only. */
  goal: number | null;
  comparator: '>=' | '<=' | null;
  /** Null: there is no goal. */
  pass: boolean | null;
  note?: string;
}

export interface Goal {
  comparator: '>=' | '<=';
  value: number;
}
export const atLeast = (value: number): Goal => ({ comparator: '>=', value });
export const atMost = (value: number): Goal => ({ comparator: '<=', value });

/** Judges a value. A value that is no number fails its goal. */
export function figure(
  name: string,
  value: number,
  unit: string,
  goal: Goal | null = null,
  note?: string,
): Figure {
  const measured = Number.isFinite(value) ? value : null;
  return {
    name,
    value: measured,
    unit,
    goal: goal?.value ?? null,
    comparator: goal?.comparator ?? null,
    pass: goal === null ? null : measured !== null && reaches(measured, goal),
    ...(note === undefined ? {} : { note }),
  };
}

/** A figure that could not be measured counts as missed. */
export function unmeasured(name: string, reason: string): Figure {
  return { name, value: null, unit: '', goal: null, comparator: null, pass: false, note: reason };
}

function reaches(value: number, goal: Goal): boolean {
  return goal.comparator === '>=' ? value >= goal.value : value <= goal.value;
}

/** Four significant digits, thousands separated. */
export function formatValue(value: number | null): string {
  if (value === null) return '-';
  return value.toLocaleString('en-US', { maximumSignificantDigits: Math.abs(value) >= 1_000 ? 6 : 4 });
}

const COLUMNS = ['figure', 'value', 'unit', 'goal', ''] as const;

/** The figures as a text table; notes stand below their row. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((row) => [
    row.name,
    formatValue(row.value),
    row.unit,
    row.goal === null ? '' : `${row.comparator} ${formatValue(row.goal)}`,
    row.pass === null ? '' : row.pass ? 'pass' : 'MISSED',
  ]);
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 1 || column === 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const body = rows.flatMap((row, index) => {
    const note = figures[index]?.note;
    return note === undefined ? [line(row)] : [line(row), `    ${note}`];
  });
  return [line(COLUMNS), widths.map((width) => '-'.repeat(width)).join('  '), ...body].join('\n');
}
