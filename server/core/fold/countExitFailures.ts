import { because, type Cause, refusalIn } from '../../../shared/domain/cause.ts';
import { gt, isZero } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import { type Desk, symbolKey } from '../desk.ts';
import { refusalKind } from '../rules/refusalKind.ts';

type Reducing = Pick<Order, 'accountId' | 'symbol' | 'purpose' | 'slot'>;

/** Closes of a symbol are counted together, other exits by their slot; undefined: not counted. */
function keyOf({ accountId, symbol, purpose, slot }: Reducing): string | undefined {
  const key = symbolKey(accountId, symbol);
  if (purpose === 'close') return key;
  return purpose === 'exit' || purpose === 'take_profit' ? `${key}:${slot}` : undefined;
}

/** Another position, or none: what was refused of the former one says nothing any more. */
export function forgetExitFailures(desk: Desk, accountId: string, symbol: string): void {
  const key = symbolKey(accountId, symbol);
  for (const known of desk.exitFailures.keys())
    if (known === key || known.startsWith(`${key}:`)) desk.exitFailures.delete(known);
}

/** Slot of the take-profit of a position by hand. */
export const HAND_SLOT = 'take_profit';

/** Its owner moved the target: what was refused of the former one says nothing of it. */
export function forgetHandFailures(desk: Desk, accountId: string, symbol: string): void {
  desk.exitFailures.delete(`${symbolKey(accountId, symbol)}:${HAND_SLOT}`);
}

/** Folds a change of an order into the count. Any fill is progress and ends the row. */
export function countExitFailure(desk: Desk, before: Order | undefined, order: Order): void {
  const key = keyOf(order);
  // What is refused to a position that has ended says nothing of the next one.
  if (key === undefined || before === undefined || desk.outlived.has(order.orderId)) return;
  if (gt(order.filledSize, before.filledSize)) {
    desk.exitFailures.delete(key);
    return;
  }
  const reason = isOpen(before) ? failureOf(before, order) : undefined;
  if (reason === undefined) return;
  const known = desk.exitFailures.get(key);
  desk.exitFailures.set(key, {
    tries: (known?.tries ?? 0) + 1,
    count: (known?.count ?? 0) + (isOfTheOrder(order, reason) ? 1 : 0),
    reason,
    lastAt: order.updatedAt,
  });
}

/** Why a market order is taken back that the venue goes on showing as working. */
export const HANGS = because('hangs', {});

/** One that never arrived was not refused; one that was taken back here did not fail, unless because it hung. */
function failureOf(before: Order, { status, filledSize, reason, venueOrderId }: Order): Cause | undefined {
  if (status === 'rejected') return reason ?? because('refused', { as: 'other' });
  const isTakenBack = (before.cancelRequested && before.reason?.code !== 'hangs') || venueOrderId === null;
  if (status !== 'cancelled' || isTakenBack || !isZero(filledSize)) return undefined;
  return reason?.code === 'ended' ? because('gave_up_as', { as: reason.figures.as }) : because('gave_up', {});
}

/** A target waits for its price, and for the symbol to trade; what is to go at once, and may not, is news for its owner. */
function isOfTheOrder({ purpose }: Order, reason: Cause): boolean {
  const kind = refusalKind(refusalIn(reason));
  if (kind === 'passing') return false;
  return purpose !== 'take_profit' || (kind !== 'price' && kind !== 'halted');
}
