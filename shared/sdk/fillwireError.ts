import type { ErrorCode, WireError } from '../protocol/errors.ts';

/** How every failed request, refused login and unsent command is told. */
export class FillwireError extends Error {
  readonly code: ErrorCode;
  /** The same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** Of the code's own shape: see `errorDetails` in shared/domain. Of an older server's maybe another. */
  readonly details: Record<string, unknown>;

  constructor(error: WireError) {
    super(error.message);
    this.name = 'FillwireError';
    this.code = error.code;
    this.retryable = error.retryable;
    this.details = error.details;
  }
}
