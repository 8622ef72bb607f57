import { unavailable, type WireError } from '../../shared/protocol/errors.ts';

/** What a process without the desks answers to whatever needs them. */
export function standbyError(): WireError {
  const message =
    'another process has the desks; this one takes over when that ends. Nothing was done: try again';
  return unavailable(message);
}
