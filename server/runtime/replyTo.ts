import { wireError } from '../../shared/protocol/errors.ts';
import type { Decision } from '../core/decide.ts';
import type { CommandReply } from '../ports/deskGateway.ts';

/** Commands of a desk that decides nothing now. */
export const NOT_SERVED = wireError('unavailable', 'this desk is not served here now; try again');
export const STUCK = wireError(
  'unavailable',
  'this desk cannot recover from a fault of the server, and is tried again every half minute at least; stopping, closing and cancelling work meanwhile',
  { reason: 'desk_stuck' },
);

/** What whoever sent a command is told of its decision. */
export function replyTo(decision: Decision, seq: number): CommandReply {
  const { outcome } = decision;
  if (outcome === null) return { ok: true, result: { seq } };
  if (outcome.ok) return { ok: true, result: { status: 'accepted', seq, ...outcome.result } };
  const { code, message, details } = outcome.refusal;
  return { ok: false, error: wireError(code, message, details) };
}
