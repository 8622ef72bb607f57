import { z } from 'zod';
import { bookSchema } from './account.ts';
import { botSchema } from './bot.ts';
import { denialSchema } from './denial.ts';
import { wallMs } from './schemas.ts';

/** One thing that is wrong with a request. */
export const issueSchema = z.object({
  /** Where, such as `args.protection.stopPrice`; empty: the request as a whole. */
  path: z.string(),
  problem: z.string(),
  /** What would be right, where that can be listed or said as a range; else empty, and `problem` says it. */
  allowed: z.array(z.string()),
  /** Of a name: the character that it must not hold, such as `U+202E`. */
  character: z.string().optional(),
  /** What it would be denied for, were it nothing else: `problem` says it in English. */
  denial: denialSchema.optional(),
});
export type Issue = z.infer<typeof issueSchema>;

const retryAfterMs = z.number().int().nonnegative();
/** A bound, what it would have become, and what is allowed. */
const bound = { limit: z.string(), actual: z.string().nullable(), allowed: z.string() };
const lastChange = botSchema.shape.changedBy;

/** What can be named and not be there. */
export const THINGS = [
  'account',
  'alert',
  'bot',
  'device',
  'market',
  'order',
  'position',
  'scope',
  'user',
  'venue',
] as const;

/**
 * The `details` of an error, by its code: equal codes have equal shapes, whoever refuses. Where waiting helps there is
 * `retryAfterMs`, and only there the error is `retryable`.
 */
export const errorDetails = {
  bad_request: z.object({
    /** At least one. */
    issues: z.array(issueSchema),
    /** The bot whose state does not allow it: its state and version, and who brought it there. */
    bot: z
      .object({ state: botSchema.shape.state, version: z.number().int(), changedBy: lastChange })
      .optional(),
  }),
  unauthenticated: z.object({
    /** `missing`: nothing was shown yet; `wrong`: email or password; `reused`: a refresh token that was used before. */
    reason: z.enum(['missing', 'wrong', 'invalid', 'expired', 'revoked', 'reused']),
  }),
  forbidden: z.object({
    /** What would be needed; `code`: the one that the server printed at its start. Null: nothing helps. */
    needs: z.enum(['trade', 'admin', 'code', 'origin', 'host', 'own_socket']).nullable(),
  }),
  not_found: z.object({
    what: z.enum(THINGS),
    /** As it was named; of a position its symbol, of a scope its account or book. */
    id: z.string(),
    accountId: z.string().optional(),
    book: bookSchema.optional(),
    /** Of a bot: who deleted it. */
    deletedBy: lastChange.optional(),
  }),
  version_conflict: z.object({
    expected: z.number().int(),
    actual: z.number().int(),
    /** Of a bot: who came first. */
    changedBy: lastChange.optional(),
  }),
  command_id_reused: z.object({ commandId: z.string() }),
  denied: z.object({
    /** At least one. */
    denials: z.array(denialSchema),
  }),
  exchange_rejected: z.object({ reason: z.string() }),
  exchange_unavailable: z.object({ retryAfterMs }),
  unknown_outcome: z.object({ commandId: z.string() }),
  unavailable: z.object({
    retryAfterMs,
    /** Why, where it has a name: of the store, or of the desk. */
    reason: z
      .enum(['store_unreachable', 'store_silent', 'store_refuses_writes', 'desk_stuck', 'desk_halted'])
      .optional(),
    since: wallMs.optional(),
    /** Of a command while the store is away. Null: not known, ask again with the same commandId. */
    committed: z.literal(false).nullable().optional(),
    /** How its account is closed straight at the venue, on the server. */
    panic: z.string().optional(),
  }),
  rate_limited: z.object({ ...bound, retryAfterMs }),
  expired: z.object({ validUntil: wallMs.nullable(), serverTime: wallMs }),
  too_large: z.object(bound),
  internal: z.object({}),
} as const;

export type ErrorCode = keyof typeof errorDetails;
export type ErrorDetails<C extends ErrorCode> = z.infer<(typeof errorDetails)[C]>;
