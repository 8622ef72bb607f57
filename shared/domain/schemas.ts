import { z } from 'zod';
import { type Decimal, parseDecimal } from './decimal.ts';

/** A decimal string in something we say. Already canonical, so it is not parsed again. */
export const decimalOut = z.string().meta({ format: 'decimal' }) as unknown as z.ZodType<Decimal, Decimal>;

/** A decimal string in something said to us: plain notation, bounded digits; made canonical. */
export const decimalIn = z
  .string()
  .max(64)
  .transform((text, context): Decimal => {
    const value = parseDecimal(text);
    if (value !== undefined) return value;
    context.issues.push({
      code: 'custom',
      input: text,
      message:
        'expected a decimal string in plain notation, such as "0.25", of at most 30 digits, 18 after the point',
    });
    return z.NEVER;
  })
  .meta({ format: 'decimal' });

/** Milliseconds since 1970, an integer. */
export const epochMs = z.number().int().nonnegative();
