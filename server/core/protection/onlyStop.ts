import type { Order } from '../../../shared/domain/order.ts';
import { type Desk, openOrders, positionOf } from '../desk.ts';
import { isDoubted, isSound } from './stopFault.ts';

/**
 * Whether a stop protects a position that wants one and has no other at the venue, as far as that was seen. One without a
 * stop is its owner's arrangement; what somebody else placed is no other.
 */
export function isOnlyStop(desk: Desk, stop: Order): boolean {
  const position = positionOf(desk, stop.accountId, stop.symbol);
  if (position?.stop == null || !isSound(position, { ...stop, cancelRequested: false })) return false;
  for (const other of openOrders(desk, stop.accountId, stop.symbol)) {
    const isAnother = other.orderId !== stop.orderId && isSound(position, other);
    if (isAnother && !isDoubted(position, other)) return false;
  }
  return true;
}
