import { z } from 'zod';
import { bookSchema } from '../../domain/account.ts';
import { nameSchema } from '../../domain/name.ts';
import { symbolSchema } from '../../domain/symbol.ts';

/**
 * How an op is treated:
 * - `session`: about the connection itself
 * - `read`: changes nothing
 * - `command`: changes something; takes `commandId`; may take `expectedVersion`
 * - `exposure`: a command that can add exposure; `validUntil` is required
 * - `exit`: stop, cancel, close, reduce, emergency: no version, no expiry, its own rate budget
 */
export type OpClass = 'session' | 'read' | 'command' | 'exposure' | 'exit';

export interface OpDefinition<C extends OpClass, A extends z.ZodType, R extends z.ZodType> {
  class: C;
  summary: string;
  args: A;
  result: R;
}
export const op = <C extends OpClass, A extends z.ZodType, R extends z.ZodType>(
  opClass: C,
  summary: string,
  args: A,
  result: R,
): OpDefinition<C, A, R> => ({ class: opClass, summary, args, result });

export const id = z.string().min(1).max(64);
export const name = nameSchema(40);
export const symbol = symbolSchema;
export const venue = z.string().regex(/^[a-z][a-z0-9-]{0,23}$/, 'expected a venue such as sim');
export const limit = z.number().int().min(1).max(1_000).default(100);
export const cursor = z.string().max(200).optional();
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    /** Give it as `cursor` for the next page; null: this was the last. */
    nextCursor: z.string().nullable(),
  });
export const none = z.strictObject({});

/** The reply of every command: durable at `seq`. What the venue then does arrives as frames. */
export const accepted = z.object({
  status: z.literal('accepted'),
  /** Your view shows what was decided once it is there. */
  seq: z.number().int(),
});

/** The reply to a change of what has a version. What changes nothing makes none, and no frame. */
export const versioned = accepted.extend({
  /** Of what was changed, as it is now: for `expectedVersion`. */
  version: z.number().int().positive(),
});

export const scope = { accountId: id.optional(), book: bookSchema.optional() };
