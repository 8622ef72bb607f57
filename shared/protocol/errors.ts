import { z } from 'zod';

/** Every way a request can be refused. Closed: clients may switch over it. */
export const ERROR_CODES = [
  'bad_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'version_conflict',
  'command_id_reused',
  'denied',
  'exchange_rejected',
  'exchange_unavailable',
  'unknown_outcome',
  'unavailable',
  'rate_limited',
  'expired',
  'too_large',
  'internal',
] as const;
export const errorCodeSchema = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

export const wireErrorSchema = z.object({
  code: errorCodeSchema,
  /** For people: what was wrong, and what is allowed. */
  message: z.string(),
  /** The same request may succeed later, unchanged. */
  retryable: z.boolean(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type WireError = z.infer<typeof wireErrorSchema>;

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['exchange_unavailable', 'unavailable', 'rate_limited']);

export function wireError(code: ErrorCode, message: string, details?: Record<string, unknown>): WireError {
  const retryable = RETRYABLE.has(code);
  return details === undefined ? { code, message, retryable } : { code, message, retryable, details };
}
