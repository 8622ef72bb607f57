import { z } from 'zod';
import { type ErrorCode, type ErrorDetails, errorDetails } from '../domain/errorDetails.ts';

/** Every way a request can be refused. Closed: clients may switch over it. */
export const ERROR_CODES = Object.keys(errorDetails) as [ErrorCode, ...ErrorCode[]];
export type { ErrorCode };

const errorOf = (code: ErrorCode) =>
  z.object({
    code: z.literal(code),
    /** For people: what was wrong, and what is allowed. */
    message: z.string(),
    /** The same request may succeed later, unchanged: after `details.retryAfterMs` at the earliest. */
    retryable: z.literal('retryAfterMs' in errorDetails[code].shape),
    details: errorDetails[code],
  });

export type WireError = {
  [C in ErrorCode]: { code: C; message: string; retryable: boolean; details: ErrorDetails<C> };
}[ErrorCode];

const [first, ...others] = ERROR_CODES;
/** A refusal; `details` has one shape per code. */
export const wireErrorSchema = z.discriminatedUnion('code', [
  errorOf(first),
  ...others.map(errorOf),
  // Each member is made of the table that the type is made of.
]) as unknown as z.ZodType<WireError>;

export function wireError<C extends ErrorCode>(
  code: C,
  message: string,
  details: ErrorDetails<C>,
): WireError {
  // Code and details belong together by the signature, which TypeScript cannot follow into the union.
  return { code, message, retryable: isRetryable(code), details } as WireError;
}

export function isRetryable(code: ErrorCode): boolean {
  return 'retryAfterMs' in errorDetails[code].shape;
}

/** What is wrong with one place of a request. `allowed`: what would be right, where that can be said. */
export function badRequest(path: string, problem: string, allowed: readonly string[] = []): WireError {
  const message = path === '' ? problem : `${path}: ${problem}`;
  return wireError('bad_request', message, { issues: [{ path, problem, allowed: [...allowed] }] });
}

/** When it is worth to ask again, where nobody knows it better. */
const RETRY_MS = 1_000;

export function unavailable(message: string, details: Partial<ErrorDetails<'unavailable'>> = {}): WireError {
  return wireError('unavailable', message, { retryAfterMs: RETRY_MS, ...details });
}
