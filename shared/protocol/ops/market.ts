import { z } from 'zod';
import { bookSchema } from '../../domain/account.ts';
import { instrumentSchema } from '../../domain/instrument.ts';
import { candleSchema, intervalSchema, openCandleSchema } from '../../domain/market.ts';
import { marketMs } from '../../domain/schemas.ts';
import { none, op, symbol, venue } from './define.ts';

/** Venues and their markets. */
export const marketOps = {
  'venues.list': op(
    'read',
    'The venues of this server.',
    none,
    z.object({
      venues: z.array(
        z.object({
          /** The name that ops and channels take, such as `sim`. */
          venue: z.string(),
          name: z.string(),
          /** What its money is. */
          book: bookSchema,
          simulated: z.boolean(),
          /** Market seconds per second; 1: a real one. */
          speed: z.number(),
        }),
      ),
    }),
  ),
  'market.instruments': op(
    'read',
    'What can be traded at a venue.',
    z.strictObject({ venue }),
    z.object({ instruments: z.array(instrumentSchema) }),
  ),
  'market.candles': op(
    'read',
    'Closed bars, oldest first, ending before `before` (default: now); fewer than `limit` where there are no more. Without `before` also the bar that is open.',
    z.strictObject({
      venue,
      symbol,
      interval: intervalSchema,
      /** Bars that opened before this. */
      before: marketMs.optional(),
      limit: z.number().int().min(1).max(1_000).default(300),
    }),
    z.object({
      candles: z.array(candleSchema),
      /** The bar that follows them, as it is so far; null: `before` was given, or no price came since it opened. */
      open: openCandleSchema.nullable(),
    }),
  ),
} as const;
