import { type WireError, wireError } from '../../shared/protocol/errors.ts';

/** A process that waits may have to for as long as the other one lives. */
const RETRY_MS = 1_000;

/** What a process without the desks answers to whatever needs them. */
export function standbyError(): WireError {
  const message =
    'another process has the desks; this one takes over when that ends. Nothing was done: try again';
  return wireError('unavailable', message, { retryAfterMs: RETRY_MS });
}
