import type { Order } from '../../../shared/domain/order.ts';
import type { Turn } from '../turn.ts';

/** Asks the venue what became of an order; the answer says by when it was asked. */
export function lookUp(turn: Turn, venue: string, order: Order): void {
  turn.effect({ type: 'FindOrder', venue, order, askedAt: turn.context.marketTime(venue) });
}
