import { isZero } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type Desk, openOrders, symbolKey } from '../desk.ts';

/** Folds a change of a position: whatever waits to be sent and reduces was for the one before, which has ended. */
export function noteOutlived(desk: Desk, position: Position): void {
  const { accountId, symbol, direction, botId } = position;
  const before = desk.positions.get(symbolKey(accountId, symbol));
  const isSame = before?.direction === direction && before.botId === botId && !isZero(position.size);
  if (before === undefined || isSame) return;
  for (const { orderId, status, reduceOnly } of openOrders(desk, accountId, symbol))
    if (reduceOnly && status === 'submitting') desk.outlived.add(orderId);
}

/** Once it was sent, lost or ended nothing of it waits any more. */
export function forgetOutlived(desk: Desk, { orderId, status }: Order): void {
  if (status !== 'submitting') desk.outlived.delete(orderId);
}
