import type { Order } from '../../../shared/domain/order.ts';
import type { Desk } from '../desk.ts';

/** The orders of (account, symbol) that are over and still remembered, the one that closed last first. */
export function* lastClosed(desk: Desk, accountId: string, symbol: string): Generator<Order> {
  const ids = desk.closedOrderIds;
  for (let index = ids.length - 1; index >= 0; index -= 1) {
    const order = desk.orders.get(ids[index] ?? '');
    if (order?.accountId === accountId && order.symbol === symbol) yield order;
  }
}

/** Closed orders of one symbol looked through for refusals: more than anything is tried in a row. */
const REFUSALS_LOOKED_AT = 20;

/**
 * Orders of a kind that never came to work, one after the other, newest first: counted back to the last one that did.
 * What other symbols did meanwhile does not push them out.
 */
export function refusedInARow(
  desk: Desk,
  accountId: string,
  symbol: string,
  isOfKind: (order: Order) => boolean,
): Order[] {
  const refused: Order[] = [];
  let looked = 0;
  for (const order of lastClosed(desk, accountId, symbol)) {
    looked += 1;
    if (looked > REFUSALS_LOOKED_AT) break;
    if (!isOfKind(order)) continue;
    if (order.status !== 'rejected' && order.status !== 'abandoned') break;
    refused.push(order);
  }
  return refused;
}
