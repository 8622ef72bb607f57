import { lookUp } from '../ask/lookUp.ts';
import { advanceEmergencies } from '../emergency/emergency.ts';
import { writeOrder } from '../order/writeOrder.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';

/** A call to a venue has been answered by then, or was lost, ms. */
const SENDING_PATIENCE_MS = 15_000;

/**
 * Once a second while the desk waits for its recovery, besides the watch, which may be what fails: what was being sent
 * when it was read back is asked for, and emergencies go on.
 */
export function watchStuck(turn: Turn): void {
  for (const order of [...turn.desk.orders.values()]) {
    const state = turn.desk.accounts.get(order.accountId);
    const isLost = order.status === 'submitting' && hasPassed(turn, order.updatedAt, SENDING_PATIENCE_MS);
    if (state === undefined || !isLost) continue;
    const lost = writeOrder(turn, order, { ...order, status: 'unknown', updatedAt: turn.wallTime });
    lookUp(turn, state.account.venue, lost);
  }
  advanceEmergencies(turn, null);
}
