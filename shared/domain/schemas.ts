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

/*
 * Times are integer milliseconds since 1970 by one of two clocks, which may be hours apart: where the market is simulated
 * or replayed it has a time of its own. Each field says which.
 */

/** What this server, its users and their devices do: orders sent and changed, alerts, commits, pushes, deadlines. */
export const wallMs = z
  .number()
  .int()
  .nonnegative()
  .describe('Wall time: the server’s clock, ms since 1970.');

/** What happens in a market, by the venue's clock: bars, prices, fills, trades, bills, what positions live by. */
export const marketMs = z
  .number()
  .int()
  .nonnegative()
  .describe('Market time: the venue’s clock, ms since 1970.');
