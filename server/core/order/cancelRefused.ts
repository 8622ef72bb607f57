import type { VenueRefusal } from '../../../shared/domain/cause.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { VenueAnswer } from '../../ports/venue.ts';
import { isPassing } from '../rules/refusalKind.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { isCancellable } from './submit.ts';
import { writeOrder } from './writeOrder.ts';

/**
 * Counts what the venue refused to cancel, and forgets it once a cancel is taken. "Not now" is no refusal; nor is that it
 * does not know the order, which a look-up has to tell, or an answer that was lost. Any other kind counts alike: a cancel
 * has no price, and one that the venue refuses while it is halted is news for its owner too.
 */
export function countCancel(turn: Turn, order: Order, answer: VenueAnswer): void {
  const { cancelRefused, ...rest } = order;
  if (answer.outcome === 'accepted' && cancelRefused !== undefined) writeOrder(turn, order, rest);
  if (answer.outcome !== 'rejected' || !order.cancelRequested) return;
  if (isPassing(answer.code) || answer.code === 'no_such_order') return;
  const count = (cancelRefused?.count ?? 0) + 1;
  const reason = answer.code;
  // Its last change stays what it was: a close that waits for the cancel waits no longer because of the refusal.
  writeOrder(turn, order, { ...order, cancelRefused: { count, reason, lastAt: turn.wallTime } });
}

/** Why the venue keeps refusing to cancel this order; undefined: it does not, or not for long enough to say so. */
export function persistentCancelRefusal(turn: Turn, order: Order): VenueRefusal | undefined {
  const { cancelRequested, cancelRefused } = order;
  if (!cancelRequested || cancelRefused === undefined) return undefined;
  return cancelRefused.count < turn.context.settings.closeAttempts ? undefined : cancelRefused.reason;
}

/** Refused more often than this, anything is tried less often: the venue is not to be flooded for ever. Wall ms. */
export const PERSISTENT_RETRY_MS = 10_000;

/** Whether a cancel that is still wanted may be asked for again. */
export function isCancelDue(turn: Turn, order: Order): boolean {
  if (!order.cancelRequested || !isCancellable(order)) return false;
  if (persistentCancelRefusal(turn, order) === undefined) return true;
  return hasPassed(turn, order.cancelRefused?.lastAt ?? 0, PERSISTENT_RETRY_MS);
}
