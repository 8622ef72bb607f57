import type { ErrorDetails } from '../../shared/domain/errorDetails.ts';
import { type ErrorCode, type WireError, wireError } from '../../shared/protocol/errors.ts';

const DETAILS: { [C in ErrorCode]: ErrorDetails<C> } = {
  bad_request: { issues: [{ path: '', problem: 'not as agreed', allowed: [] }] },
  unauthenticated: { reason: 'invalid' },
  forbidden: { needs: null },
  not_found: { what: 'bot', id: 'b1' },
  version_conflict: { expected: 2, actual: 3 },
  command_id_reused: { commandId: 'command-1' },
  denied: { denials: [{ limit: 'leverage', figures: { actual: 20, allowed: 5 } }] },
  exchange_rejected: { reason: 'not now' },
  exchange_unavailable: { retryAfterMs: 1_000 },
  unknown_outcome: { commandId: 'command-1' },
  unavailable: { retryAfterMs: 1_000 },
  rate_limited: { limit: 'requests', actual: '2', allowed: '1', retryAfterMs: 1_000 },
  expired: { validUntil: 1, serverTime: 2 },
  too_large: { limit: 'frame', actual: '2', allowed: '1' },
  internal: {},
};

/** A refusal with details of its code. */
export function sampleError(code: ErrorCode, message = `refused: ${code}`): WireError {
  return wireError(code, message, DETAILS[code]);
}
