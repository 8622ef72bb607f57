import { isOpen, type Order } from '../../../shared/domain/order.ts';
import { readAccount } from '../ask/readAccount.ts';
import { type AccountState, positionOf } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { forgetAmend, sayAmendRefused } from '../order/amend.ts';
import { updateOrder } from '../order/updateOrder.ts';
import { stopRefused } from '../protection/stopRefused.ts';
import type { Turn } from '../turn/turn.ts';
import { bookAndSettle } from './bookAndSettle.ts';

type Withdrawn = InputOf<'OrderWithdrawn'>;

/** A write never left: what was to come of it is given up, and what is wanted now is decided anew. */
export function orderWithdrawn(turn: Turn, withdrawn: Withdrawn): void {
  const order = turn.desk.orders.get(withdrawn.orderId);
  const state = order === undefined ? undefined : turn.desk.accounts.get(order.accountId);
  if (order === undefined || state === undefined) return;
  if (withdrawn.action === 'place') placingWithdrawn(turn, state, order, withdrawn);
  else if (withdrawn.action === 'amend') amendWithdrawn(turn, state, order, withdrawn);
  bookAndSettle(turn, state, order.symbol);
}

function placingWithdrawn(
  turn: Turn,
  state: AccountState,
  order: Order,
  { why, reason }: Pick<Withdrawn, 'why' | 'reason'>,
): void {
  const isLost = order.status === 'unknown';
  if (order.status !== 'submitting' && !isLost) return;
  // Counted as lost while it waited: now it is known that it never left, and what is wanted need not wait for its window.
  const status = why === 'late' || isLost ? 'abandoned' : 'cancelled';
  const ended = updateOrder(turn, order, { status, reason });
  if (order.purpose === 'stop' && status === 'abandoned') stopRefused(turn, state, ended, reason, 'passing');
}

function amendWithdrawn(turn: Turn, state: AccountState, order: Order, { reason }: Withdrawn): void {
  if (order.purpose === 'stop') {
    // Moved on, or too late: a move that is still wanted is asked for again once the venue was read.
    const stop = positionOf(turn.desk, order.accountId, order.symbol)?.stop;
    if (stop?.state === 'replacing' && stop.orderId === order.orderId) readAccount(turn, state);
    return;
  }
  if (order.amending === undefined || order.amending.lostUntil !== undefined) return;
  const forgotten = forgetAmend(turn, order);
  if (isOpen(order)) sayAmendRefused(turn, forgotten, reason);
}
