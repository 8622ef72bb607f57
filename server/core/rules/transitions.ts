import type { OrderStatus } from '../../../shared/domain/order.ts';

/**
 * The one table of what an order's status may become. Odd-looking rows happen at real venues: a fill arrives after a
 * cancel was confirmed, an order given up as lost turns out to have worked.
 */
const NEXT: Record<OrderStatus, ReadonlySet<OrderStatus>> = {
  submitting: new Set([
    'open',
    'partially_filled',
    'filled',
    'cancelled',
    'rejected',
    'unknown',
    'abandoned',
  ]),
  unknown: new Set(['open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'abandoned']),
  open: new Set(['partially_filled', 'filled', 'cancelled', 'rejected', 'abandoned']),
  partially_filled: new Set(['filled', 'cancelled', 'abandoned']),
  filled: new Set(),
  cancelled: new Set(['filled']),
  rejected: new Set(['open', 'partially_filled', 'filled', 'cancelled']),
  abandoned: new Set(['open', 'partially_filled', 'filled', 'cancelled']),
};

export function mayBecome(from: OrderStatus, to: OrderStatus): boolean {
  return NEXT[from].has(to);
}

/** What an order is when it is first known: one to be sent, or one that somebody else has sent already. */
export type FirstStatus = Extract<OrderStatus, 'submitting' | 'unknown' | 'open'>;
