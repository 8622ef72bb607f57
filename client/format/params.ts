import type { StrategyParams } from '../../shared/domain/bot.ts';
import { readAmount } from './amount.ts';

/** One field of a form made from a strategy's JSON Schema. */
export interface ParamField {
  name: string;
  label: string;
  description: string;
  kind: 'number' | 'integer' | 'boolean' | 'choice' | 'text';
  unit: string;
  minimum: number | undefined;
  maximum: number | undefined;
  /** The bounds themselves are not allowed. */
  exclusive: { minimum: boolean; maximum: boolean };
  choices: readonly string[];
  initial: number | boolean | string;
}

/** Why a text is no value for its field; the view says it in the user's language. */
export type ParamProblem =
  | { code: 'required' | 'not_a_number' | 'decimal_point' | 'not_whole' | 'not_a_choice' }
  | { code: 'too_small' | 'too_large'; bound: number; exclusive: boolean };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function kindOf(schema: Record<string, unknown>): ParamField['kind'] {
  if (Array.isArray(schema.enum)) return 'choice';
  if (schema.type === 'integer') return 'integer';
  if (schema.type === 'number') return 'number';
  return schema.type === 'boolean' ? 'boolean' : 'text';
}

/** `stopLossPct` → `Stop loss`: the unit at the end of a name is shown beside the field instead. */
export function labelOf(name: string): string {
  const words = name
    .replace(/(Pct|Ms|Bars|Minutes)$/, '')
    .replace(/([a-z])([A-Z0-9])/g, '$1 $2')
    .replace(/([0-9])([A-Z])/g, '$1 $2')
    .trim();
  const known = words.replace(/\b(ema|rsi|adx|macd|sma|atr)\b/gi, (word) => word.toUpperCase());
  const lower = known.replace(/\b[A-Z][a-z]+\b/g, (word) => word.toLowerCase());
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}

/** `Period of the RSI (bars)` says the unit in brackets at its end: shown beside the value, not in the sentence. */
export function readDescription(described: string): { description: string; unit: string } {
  const match = /^(.*\S)\s+\((%|bars|minutes|hours|ms)(?![\w%])[^()]*\)$/.exec(described);
  if (match === null) return { description: described, unit: '' };
  return { description: match[1] ?? described, unit: match[2] === 'minutes' ? 'min' : (match[2] ?? '') };
}

function unitOf(name: string, schema: Record<string, unknown>): string {
  if (typeof schema.unit === 'string') return schema.unit;
  if (name.endsWith('Pct')) return '%';
  if (name.endsWith('Ms')) return 'ms';
  return /(Bars|Period|Lookback)$/.test(name) ? 'bars' : '';
}

/**
 * Reads the fields of a strategy's parameters from its JSON Schema, in the schema's order. What the schema does
 * not bound stays unbounded here: the server checks everything again.
 */
export function paramFields(schema: Record<string, unknown>, defaults: StrategyParams): ParamField[] {
  if (!isRecord(schema.properties)) return [];
  return Object.entries(schema.properties).flatMap(([name, raw]) => {
    if (!isRecord(raw)) return [];
    const kind = kindOf(raw);
    const { description, unit } = readDescription(text(raw.description));
    const low = raw.exclusiveMinimum ?? raw.minimum;
    const high = raw.exclusiveMaximum ?? raw.maximum;
    const initial = defaults[name] ?? raw.default;
    return [
      {
        name,
        label: text(raw.title) || labelOf(name),
        description,
        kind,
        unit: unit || unitOf(name, raw),
        minimum: bound(low),
        maximum: bound(high),
        exclusive: {
          minimum: raw.exclusiveMinimum !== undefined,
          maximum: raw.exclusiveMaximum !== undefined,
        },
        choices: Array.isArray(raw.enum) ? raw.enum.map(String) : [],
        initial: isValue(initial) ? initial : kind === 'boolean' ? false : '',
      },
    ];
  });
}

const isValue = (value: unknown): value is number | boolean | string =>
  typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';

/** JSON Schema of integers carries the bounds of a safe integer: those say nothing to a person. */
const bound = (value: unknown): number | undefined =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;

/** What a field holds while it is edited: text for everything but a switch. */
export type Draft = Record<string, string | boolean>;

export function draftOf(fields: readonly ParamField[], params: StrategyParams): Draft {
  return Object.fromEntries(
    fields.map((field) => {
      const value = params[field.name] ?? field.initial;
      return [field.name, typeof value === 'boolean' ? value : String(value)];
    }),
  );
}

export function checkField(field: ParamField, value: string | boolean): ParamProblem | undefined {
  if (typeof value === 'boolean') return undefined;
  const trimmed = value.trim();
  if (trimmed === '') return { code: 'required' };
  if (field.kind === 'choice') return field.choices.includes(trimmed) ? undefined : { code: 'not_a_choice' };
  if (field.kind === 'text') return undefined;
  const amount = readAmount(trimmed);
  if ('problem' in amount) return amount.problem;
  // Parameters are plain numbers in the protocol (indicator periods, percentages), never money.
  const number = Number(amount.value);
  if (field.kind === 'integer' && !Number.isInteger(number)) return { code: 'not_whole' };
  const { minimum, maximum, exclusive } = field;
  if (minimum !== undefined && (number < minimum || (exclusive.minimum && number === minimum)))
    return { code: 'too_small', bound: minimum, exclusive: exclusive.minimum };
  if (maximum !== undefined && (number > maximum || (exclusive.maximum && number === maximum)))
    return { code: 'too_large', bound: maximum, exclusive: exclusive.maximum };
  return undefined;
}

/** The parameters a checked draft stands for. */
export function paramsOf(fields: readonly ParamField[], draft: Draft): StrategyParams {
  return Object.fromEntries(
    fields.map((field) => {
      const value = draft[field.name] ?? field.initial;
      const numeric = field.kind === 'number' || field.kind === 'integer';
      return [field.name, typeof value === 'string' && numeric ? Number(value) : value];
    }),
  );
}
