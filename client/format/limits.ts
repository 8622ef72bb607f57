import type { Book, Limits, LimitValues } from '../../shared/domain/account.ts';
import { isNegative } from '../../shared/domain/decimal.ts';
import { readAmount } from './amount.ts';
import type { ParamProblem } from './params.ts';

type LimitName = keyof LimitValues;

/** One field of the limits form. `group`: what a breach does: stops trading, or denies the order. */
export interface LimitField {
  name: LimitName;
  kind: 'amount' | 'percent' | 'count' | 'leverage' | 'minutes' | 'hours' | 'policy';
  group: 'halts' | 'denies';
}

/** Every limit, in the order of the form. */
export const LIMIT_FIELDS: readonly LimitField[] = [
  { name: 'dailyLoss', kind: 'amount', group: 'halts' },
  { name: 'dailyLossPolicy', kind: 'policy', group: 'halts' },
  { name: 'drawdownPct', kind: 'percent', group: 'halts' },
  { name: 'drawdownPolicy', kind: 'policy', group: 'halts' },
  { name: 'maxStopOuts', kind: 'count', group: 'halts' },
  { name: 'stopOutWindowMs', kind: 'hours', group: 'halts' },
  { name: 'maxLeverage', kind: 'leverage', group: 'denies' },
  { name: 'maxPositions', kind: 'count', group: 'denies' },
  { name: 'maxOrderNotional', kind: 'amount', group: 'denies' },
  { name: 'maxTotalNotional', kind: 'amount', group: 'denies' },
  { name: 'maxOrdersPerMinute', kind: 'count', group: 'denies' },
  { name: 'priceBandPct', kind: 'percent', group: 'denies' },
  { name: 'liquidationMarginPct', kind: 'percent', group: 'denies' },
  { name: 'cooldownAfterStopMs', kind: 'minutes', group: 'denies' },
];

/** What holds for a book until somebody sets limits over it: none. */
export function unsetBookLimits(book: Book, timeZone: string): Limits {
  const off = Object.fromEntries(LIMIT_FIELDS.map(({ name }) => [name, null]));
  return {
    accountId: `book:${book}`,
    book,
    values: { ...off, dailyLossPolicy: 'flatten', drawdownPolicy: 'flatten' } as LimitValues,
    pending: null,
    timeZone,
    dayStart: null,
    peakEquity: null,
    breaches: [],
    version: 1,
  };
}

/** What the fields hold while they are edited; empty: the limit is off. */
export type LimitDraft = Record<string, string>;

const UNIT_MS = { minutes: 60_000, hours: 3_600_000 } as const;
/** Limits that are off when empty, and 1 at least otherwise. */
const FROM_ONE: readonly LimitName[] = ['maxLeverage', 'maxOrdersPerMinute', 'maxStopOuts'];

/** A limit as the form shows it. */
export function limitText(field: LimitField, values: LimitValues): string {
  const value = values[field.name];
  if (value === null || value === undefined) return '';
  return isTime(field) ? String(Number(value) / UNIT_MS[field.kind]) : String(value);
}

export function limitDraftOf(values: LimitValues): LimitDraft {
  return Object.fromEntries(LIMIT_FIELDS.map((field) => [field.name, limitText(field, values)]));
}

/** Why a text is no value for a limit; empty is one: off. */
export function checkLimit(field: LimitField, text: string): ParamProblem | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || field.kind === 'policy') return undefined;
  const amount = readAmount(trimmed);
  if ('problem' in amount) return amount.problem;
  const { value } = amount;
  if (isNegative(value)) return { code: 'too_small', bound: 0, exclusive: false };
  const isWhole = field.kind === 'count' || field.kind === 'leverage';
  if (isWhole && !Number.isInteger(Number(value))) return { code: 'not_whole' };
  const least = FROM_ONE.includes(field.name) ? 1 : 0;
  return Number(value) < least ? { code: 'too_small', bound: least, exclusive: false } : undefined;
}

/** The limits that a checked draft changes, as `limits.set` takes them. */
export function changedLimits(values: LimitValues, draft: LimitDraft): Partial<LimitValues> {
  const changed: [LimitName, unknown][] = [];
  for (const field of LIMIT_FIELDS) {
    const text = (draft[field.name] ?? '').trim();
    if (text === limitText(field, values)) continue;
    changed.push([field.name, limitValueOf(field, text)]);
  }
  return Object.fromEntries(changed) as Partial<LimitValues>;
}

function limitValueOf(field: LimitField, text: string): unknown {
  if (text === '') return null;
  if (field.kind === 'policy') return text;
  const amount = readAmount(text);
  // Checked before: what is no number never comes here.
  const value = 'value' in amount ? amount.value : text;
  if (field.kind === 'count' || field.kind === 'leverage') return Number(value);
  return isTime(field) ? Math.round(Number(value) * UNIT_MS[field.kind]) : value;
}

const isTime = (field: LimitField): field is LimitField & { kind: keyof typeof UNIT_MS } =>
  Object.hasOwn(UNIT_MS, field.kind);
