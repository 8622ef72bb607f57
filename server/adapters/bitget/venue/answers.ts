import type { VenueRefusal } from '../../../../shared/domain/cause.ts';
import { type VenueAnswer, VenueUnavailable } from '../../../ports/venue.ts';
import { BitgetError, type BitgetFault } from '../errors/bitgetError.ts';

/** What a fault is called where a write was refused. */
const REFUSALS: Record<Exclude<BitgetFault['kind'], 'refused'>, VenueRefusal> = {
  not_sent: 'maintenance',
  maintenance: 'maintenance',
  rate_limited: 'rate_limited',
  // Its time had passed when it arrived, by whoever's clock.
  clock: 'expired',
  keys: 'permission',
  address: 'permission',
  permission: 'permission',
  can_withdraw: 'permission',
  wrong_family: 'permission',
  wrong_environment: 'permission',
  account_moving: 'maintenance',
  // Of these it is not known: they are told as `unknown`.
  no_answer: 'other',
  no_sense: 'other',
  uncertain: 'other',
};

/** What became of a write. */
export function answerOf(error: BitgetError): VenueAnswer {
  const { fault, message } = error;
  if (error.mayHaveHappened) return { outcome: 'unknown', message };
  if (fault.kind === 'refused') return { outcome: 'rejected', code: fault.as, message };
  const rejected = { outcome: 'rejected', code: REFUSALS[fault.kind], message } as const;
  return fault.kind === 'rate_limited' ? { ...rejected, retryAfterMs: fault.retryAfterMs } : rejected;
}

/** What a reading rejects with. Anything but a fault of the exchange is a fault of ours, and stays one. */
export function unavailableOf(error: unknown): Error {
  if (!(error instanceof BitgetError)) return error instanceof Error ? error : new Error('failed');
  const told = new VenueUnavailable(error.message, { cause: error });
  if (error.fault.kind === 'rate_limited') told.retryAfterMs = error.fault.retryAfterMs;
  return told;
}
