import type { DeskAppend } from '../../ports/deskLog.ts';

/**
 * What an append writes besides events, as the JSON text that `append_batch` takes; null when there is nothing.
 * Within one batch the last state of an order wins.
 */
export function appendRows(desks: DeskAppend[]): string | null {
  const rows: Record<string, unknown[]> = {};
  const add = (name: string, list: unknown[]): void => {
    if (list.length === 0) return;
    const present = rows[name];
    if (present === undefined) rows[name] = list;
    else present.push(...list);
  };
  for (const { deskId, commands, snapshot, projections } of desks) {
    add(
      'commands',
      commands.map((command) => ({ deskId, ...command })),
    );
    if (snapshot !== undefined) add('snapshots', [snapshot]);
    const latest = new Map(projections.orders.map((order) => [order.orderId, order]));
    add(
      'orders',
      [...latest.values()].map((order) => entityRow(deskId, order.orderId, order.createdAt, order)),
    );
    add(
      'fills',
      projections.fills.map((fill) => entityRow(deskId, fill.fillId, fill.ts, fill)),
    );
    add(
      'trades',
      projections.trades.map((trade) => entityRow(deskId, trade.tradeId, trade.closedAt, trade)),
    );
    add(
      'bills',
      projections.bills.map(({ billId, ...bill }) => ({ deskId, id: billId, ...bill })),
    );
    add(
      'equity',
      projections.equity.map((equity) => ({ deskId, ...equity })),
    );
  }
  return Object.keys(rows).length === 0 ? null : JSON.stringify(rows);
}

function entityRow(
  deskId: string,
  id: string,
  ts: number,
  body: { accountId: string; botId: string | null; symbol: string },
): unknown {
  return { deskId, id, accountId: body.accountId, botId: body.botId, symbol: body.symbol, ts, body };
}
