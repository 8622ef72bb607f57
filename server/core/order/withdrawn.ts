import { type Desk, isOpenForEntries } from '../desk.ts';
import type { Effect } from '../effects.ts';
import type { Input } from '../inputs.ts';

/**
 * What to put into the inbox instead of sending an order that adds exposure: something that latches entries was decided
 * after it, before it left. Null: the effect may run.
 */
export function withdrawn(desk: Desk, effect: Effect): Input | null {
  if (effect.type !== 'PlaceOrder' || effect.order.reduceOnly) return null;
  const { orderId } = effect.order;
  const order = desk.orders.get(orderId);
  if (order !== undefined && !order.cancelRequested && isOpenForEntries(desk, order)) return null;
  return { type: 'OrderWithdrawn', orderId };
}
