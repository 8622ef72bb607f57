import { unavailable, type WireError, wireError } from '../../shared/protocol/errors.ts';
import { deniedError, withDenials } from '../../shared/words/deniedError.ts';
import type { Decision } from '../core/decide.ts';
import type { Refusal } from '../core/rules/refusal.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { DeskRecord } from './deskRecord.ts';

const NOT_SERVED = unavailable('this desk is not served here now; try again');
const STUCK = unavailable(
  'this desk cannot recover from a fault of the server, and is tried again every half minute at least; stopping, closing and cancelling work meanwhile',
  { reason: 'desk_stuck', retryAfterMs: 5_000 },
);
const HALTED = unavailable(
  'what this desk decides cannot be stored, so nothing is decided, exits neither, until an operator has mended and restarted the server; stops that rest at the venue stay, and what is urgent is done at the venue or with `npm run panic`',
  { reason: 'desk_halted', retryAfterMs: 60_000 },
);

/** To a command that its desk does not take now. */
export function notServed(record: Pick<DeskRecord, 'state'> | undefined): WireError {
  if (record?.state === 'halted') return HALTED;
  return record?.state === 'stuck' ? STUCK : NOT_SERVED;
}

/** What whoever sent a command is told of its decision. */
export function replyTo(decision: Decision, seq: number): CommandReply {
  const { outcome } = decision;
  if (outcome === null) return { ok: true, result: { seq } };
  if (outcome.ok) return { ok: true, result: { status: 'accepted', seq, ...outcome.result } };
  return { ok: false, error: errorOf(outcome.refusal) };
}

/** A refusal of the core as it is on the wire. */
export function errorOf(refusal: Refusal): WireError {
  if (refusal.code === 'denied') return deniedError(refusal.details.denials);
  if (refusal.code === 'bad_request') return withDenials(refusal.message, refusal.details);
  return wireError(refusal.code, refusal.message, refusal.details);
}
