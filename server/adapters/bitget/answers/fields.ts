import Big from 'big.js';
import { z } from 'zod';
import { DECIMAL_MAX_SCALE, type Decimal, parseDecimal } from '../../../../shared/domain/decimal.ts';

/** A number as exchanges write it, made a decimal: exponents are written out, places that nobody counts are cut. */
function decimalOf(text: string): Decimal | undefined {
  const plain = parseDecimal(text);
  if (plain !== undefined) return plain;
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return undefined;
  return parseDecimal(new Big(text).round(DECIMAL_MAX_SCALE, Big.roundDown).toFixed());
}

const numberOrText = z.union([z.string(), z.number()]).transform(String);

/** A decimal that must be there. */
export const decimalField = numberOrText.transform((text, context): Decimal => {
  const value = decimalOf(text);
  if (value !== undefined) return value;
  context.issues.push({ code: 'custom', input: text, message: 'expected a decimal' });
  return z.NEVER;
});

/** A decimal or nothing: absent, null and the empty text are nothing. */
export const optionalDecimal = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((told, context): Decimal | null => {
    if (told == null || told === '') return null;
    const value = decimalOf(String(told));
    if (value !== undefined) return value;
    context.issues.push({ code: 'custom', input: told, message: 'expected a decimal or nothing' });
    return z.NEVER;
  });

/** A text or nothing. */
export const optionalText = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((told): string | null => (told == null || told === '' ? null : String(told)));

/** An id, which some answers write as a number. */
export const idField = numberOrText.refine((text) => text !== '', 'expected an id');

/** A moment, ms since 1970. */
export const timeField = numberOrText.transform(Number).pipe(z.number().int().nonnegative());
export const optionalTime = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((told): number | null => {
    const value = told == null || told === '' ? Number.NaN : Number(told);
    return Number.isSafeInteger(value) && value > 0 ? value : null;
  });

/** A symbol: the older API writes some in small letters. */
export const symbolField = z
  .string()
  .min(1)
  .transform((text) => text.toUpperCase());

/** A list, which is null where it is empty. */
export function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((list): z.output<T>[] => list ?? []);
}

/** A page of a list that is continued by a cursor. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z
    .object({ list: listOf(item), cursor: optionalText })
    .nullish()
    .transform((page) => page ?? { list: [], cursor: null });
}
