import type { Order } from '../../../shared/domain/order.ts';
import type { Turn } from '../turn/turn.ts';

/** A venue that accepted an order lists or remembers it by then, wall ms. */
export const FORGET_AFTER_MS = 10_000;

/** Asks the venue what became of an order; the answer says by when it was asked. */
export function lookUp(turn: Turn, venue: string, order: Order): void {
  // Nobody can be asked.
  if (turn.context.venue(venue) === undefined) return;
  turn.effect({ type: 'FindOrder', venue, order, askedAt: turn.context.marketTime(venue) });
}
