import type { Emergency } from '../../../shared/domain/alert.ts';
import { isOpen } from '../../../shared/domain/order.ts';
import { askForProof, type FlatProof } from '../ask/flatProof.ts';
import { isUnderWay, positionOf } from '../desk.ts';
import { flatten } from '../order/flatten.ts';
import type { Turn } from '../turn/turn.ts';
import { amendReceipt } from './receipt.ts';

/**
 * What a receipt had to leave is tried on while its account stays latched; once the venue shows that it is gone, by us or
 * by anybody, the receipt says so.
 */
export function followResidual(turn: Turn, emergency: Emergency, proof: FlatProof | null): void {
  if (!isUnderWay(emergency)) return;
  const residual: Emergency['residual'] = [];
  for (const row of emergency.residual) {
    const isGone = row.closedAt === undefined && isClosed(turn, row, proof);
    residual.push(isGone ? { ...row, closedAt: turn.wallTime } : row);
  }
  const current = turn.desk.emergencies.get(emergency.emergencyId);
  if (current === undefined) return;
  if (residual.some((row, index) => row.closedAt !== current.residual[index]?.closedAt))
    amendReceipt(turn, current, residual);
}

/** Whether the venue, just read, has no such position any more; brings it one step on where it has. */
function isClosed(turn: Turn, row: Emergency['residual'][number], proof: FlatProof | null): boolean {
  const state = turn.desk.accounts.get(row.accountId);
  // Removed means that it was flat.
  if (state === undefined) return true;
  const order = row.orderId === undefined ? undefined : turn.desk.orders.get(row.orderId);
  if (positionOf(turn.desk, row.accountId, row.symbol) === undefined) {
    // Its cancel is tried on by the watch.
    if (order !== undefined && isOpen(order)) return false;
    if (proof?.accountId === row.accountId && proof.withoutPosition.has(row.symbol)) return true;
    askForProof(turn, state);
    return false;
  }
  if (state.account.latch !== null) flatten(turn, state, row.symbol, 'emergency');
  return false;
}
