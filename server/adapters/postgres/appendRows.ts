import type { DeskAppend } from '../../ports/deskLog.ts';

/** What an append writes besides events: one JSON text per kind for `append_batch`, null where there is nothing. */
export interface AppendRows {
  commands: string | null;
  snapshots: string | null;
  orders: string | null;
  fills: string | null;
  trades: string | null;
  bills: string | null;
  equity: string | null;
  /** Per desk, all that it has. */
  accounts: string | null;
}

/** Within one batch the last state of an order wins. */
export function appendRows(desks: DeskAppend[]): AppendRows {
  return {
    commands: rowsOf(desks, (desk) => desk.commands.map((command) => ({ deskId: desk.deskId, ...command }))),
    snapshots: rowsOf(desks, (desk) => (desk.snapshot === undefined ? [] : [desk.snapshot])),
    orders: rowsOf(desks, ({ deskId, projections }) => {
      const latest = new Map(projections.orders.map((order) => [order.orderId, order]));
      return [...latest.values()].map((order) => entityRow(deskId, order.orderId, order.createdAt, order));
    }),
    fills: rowsOf(desks, ({ deskId, projections }) =>
      projections.fills.map((fill) => entityRow(deskId, fill.fillId, fill.ts, fill)),
    ),
    trades: rowsOf(desks, ({ deskId, projections }) =>
      projections.trades.map((trade) => entityRow(deskId, trade.tradeId, trade.closedAt, trade)),
    ),
    bills: rowsOf(desks, ({ deskId, projections }) =>
      projections.bills.map(({ billId, ...bill }) => ({ deskId, id: billId, ...bill })),
    ),
    equity: rowsOf(desks, ({ deskId, projections }) => projections.equity.map((row) => ({ deskId, ...row }))),
    accounts: rowsOf(desks, ({ deskId, accounts }) => (accounts === undefined ? [] : [{ deskId, accounts }])),
  };
}

function rowsOf(desks: DeskAppend[], pick: (desk: DeskAppend) => unknown[]): string | null {
  const rows = desks.flatMap(pick);
  return rows.length === 0 ? null : JSON.stringify(rows);
}

function entityRow(
  deskId: string,
  id: string,
  ts: number,
  body: { accountId: string; botId: string | null; symbol: string },
): unknown {
  return { deskId, id, accountId: body.accountId, botId: body.botId, symbol: body.symbol, ts, body };
}
