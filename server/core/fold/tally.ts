import type { Emergency } from '../../../shared/domain/alert.ts';
import { add, div, min, mul } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/fill.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { type Desk, isUnderWay, positionOf } from '../desk.ts';

/**
 * Part of the fold: what closed and what was cancelled since an emergency began is summed up event by event, so that its
 * receipt forgets nothing, however many slices it took and whichever order, stop or liquidation did it.
 */
export function tallyFill(desk: Desk, fill: Fill): void {
  const { accountId, symbol } = fill;
  // Before the fill is in the position.
  const held = positionOf(desk, accountId, symbol);
  if (held === undefined || (held.direction === 'long') !== (fill.side === 'sell')) return;
  const closing = min(fill.size, held.size);
  forEachUnderWay(desk, accountId, (emergency) => {
    const isRow = (row: Emergency['closed'][number]) => row.accountId === accountId && row.symbol === symbol;
    const known = emergency.closed.find(isRow);
    const size = known === undefined ? closing : add(known.size, closing);
    const value = mul(closing, fill.price);
    const notional = known?.notional === undefined ? value : add(known.notional, value);
    const row = { accountId, symbol, size, price: div(notional, size), notional };
    return { ...emergency, closed: [...emergency.closed.filter((other) => !isRow(other)), row] };
  });
}

/** An order that worked was cancelled. */
export function tallyCancel(desk: Desk, order: Order): void {
  const { accountId, symbol, purpose } = order;
  if (purpose === 'close') return;
  forEachUnderWay(desk, accountId, (emergency) => {
    const rows = emergency.cancelled ?? [];
    const isRow = (row: (typeof rows)[number]) =>
      row.accountId === accountId && row.symbol === symbol && row.purpose === purpose;
    const count = (rows.find(isRow)?.count ?? 0) + 1;
    return {
      ...emergency,
      ordersCancelled: emergency.ordersCancelled + 1,
      cancelled: [...rows.filter((other) => !isRow(other)), { accountId, symbol, purpose, count }],
    };
  });
}

function forEachUnderWay(desk: Desk, accountId: string, change: (emergency: Emergency) => Emergency): void {
  for (const emergency of desk.emergencies.values()) {
    if (isUnderWay(emergency) && emergency.accountIds.includes(accountId))
      desk.emergencies.set(emergency.emergencyId, change(emergency));
  }
}
