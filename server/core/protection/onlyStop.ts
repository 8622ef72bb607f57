import type { Order } from '../../../shared/domain/order.ts';
import { type Desk, openOrders, positionOf } from '../desk.ts';

/** Whether a position that wants a stop has no other one at the venue. One without a stop is its owner's arrangement. */
export function isOnlyStop(desk: Desk, { accountId, symbol, orderId, purpose, botId }: Order): boolean {
  const position = positionOf(desk, accountId, symbol);
  if (purpose !== 'stop' || position?.stop == null || position.botId !== botId) return false;
  for (const other of openOrders(desk, accountId, symbol)) {
    const isAnother = other.orderId !== orderId && other.purpose === 'stop';
    if (isAnother && other.venueOrderId !== null && !other.cancelRequested) return false;
  }
  return true;
}
