import type { Order, OrderStatus } from '../../../shared/domain/order.ts';
import type { EventKind } from '../events.ts';
import { type FirstStatus, mayBecome } from '../rules/transitions.ts';
import type { Turn } from '../turn/turn.ts';

const KIND_OF_STATUS: Partial<Record<OrderStatus, EventKind & `Order${string}`>> = {
  open: 'OrderAccepted',
  cancelled: 'OrderCancelled',
  rejected: 'OrderRejected',
  abandoned: 'OrderRejected',
  unknown: 'OrderUnknown',
};

/** Writes an order down for the first time: one that is to be sent, or that was found. */
export function addOrder(turn: Turn, order: Order & { status: FirstStatus }): void {
  turn.emit('OrderSubmitted', { order });
}

/**
 * Writes down what an order has become: the only place that does, so that no status passes by the table. One that the table
 * does not allow from here stays what it was. Returns the order as it then stands.
 */
export function writeOrder(turn: Turn, before: Order, next: Order): Order {
  const asks = next.status !== before.status;
  const moves = asks && mayBecome(before.status, next.status);
  const order = asks && !moves ? { ...next, status: before.status } : next;
  turn.emit((moves ? KIND_OF_STATUS[order.status] : undefined) ?? 'OrderUpdated', { order });
  return order;
}
