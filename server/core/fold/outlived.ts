import { isZero } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type Desk, openOrders, symbolKey } from '../desk.ts';

/** Whether a change of a position ends the one there was: nothing is left, or it is on the other side, or another's. */
export function endsFormer(desk: Desk, { accountId, symbol, direction, botId, size }: Position): boolean {
  const former = desk.positions.get(symbolKey(accountId, symbol));
  if (former === undefined) return false;
  return isZero(size) || former.direction !== direction || former.botId !== botId;
}

/** Folds the end of a position: all that works, or waits to be sent, and reduces was decided for it and for no later one. */
export function outlive(desk: Desk, { accountId, symbol }: Position): void {
  for (const { orderId, reduceOnly, foreign } of openOrders(desk, accountId, symbol))
    if (reduceOnly && foreign !== true) desk.outlived.add(orderId);
}
