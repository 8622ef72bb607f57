import { type WireError, wireError } from '../protocol/errors.ts';

/** A place may be free by then. */
const RETRY_MS = 100;

/** What the SDK itself refuses, so that nothing grows without bound. */
export function tooMany(limit: string, actual: number, allowed: number, message: string): WireError {
  const figures = { limit, actual: String(actual), allowed: String(allowed) };
  return wireError('rate_limited', message, { ...figures, retryAfterMs: RETRY_MS });
}
