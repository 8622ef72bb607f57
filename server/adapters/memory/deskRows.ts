import type { ProjectionRows } from '../../ports/projections.ts';

/** One row of history: its keys, and the entity as text, so that nobody can change what was written. */
export interface HistoryRow {
  ts: number;
  id: string;
  accountId: string;
  botId?: string | null;
  symbol?: string | null;
  text: string;
}

/** History rows of one desk. Orders and trades keep their latest state; of everything else the first write of an id stays. */
export class DeskRows {
  readonly orders = new Map<string, HistoryRow>();
  readonly fills = new Map<string, HistoryRow>();
  readonly trades = new Map<string, HistoryRow>();
  readonly bills = new Map<string, HistoryRow>();
  readonly equity = new Map<string, HistoryRow>();

  add(rows: ProjectionRows): void {
    for (const order of rows.orders) {
      this.orders.set(order.orderId, entityRow(order.orderId, order.createdAt, order));
    }
    for (const fill of rows.fills) {
      addOnce(this.fills, `${fill.accountId} ${fill.fillId}`, entityRow(fill.fillId, fill.ts, fill));
    }
    for (const trade of rows.trades)
      this.trades.set(trade.tradeId, entityRow(trade.tradeId, trade.closedAt, trade));
    for (const bill of rows.bills) {
      const { ts, billId: id, accountId, symbol } = bill;
      addOnce(this.bills, `${accountId} ${id}`, { ts, id, accountId, symbol, text: JSON.stringify(bill) });
    }
    for (const row of rows.equity) {
      const { ts, accountId } = row;
      addOnce(this.equity, `${accountId} ${ts}`, { ts, id: '', accountId, text: JSON.stringify(row) });
    }
  }
}

function addOnce(rows: Map<string, HistoryRow>, key: string, row: HistoryRow): void {
  if (!rows.has(key)) rows.set(key, row);
}

function entityRow(
  id: string,
  ts: number,
  entity: { accountId: string; botId: string | null; symbol: string },
): HistoryRow {
  const { accountId, botId, symbol } = entity;
  return { ts, id, accountId, botId, symbol, text: JSON.stringify(entity) };
}
