import type { Fill, Trade } from '../../shared/domain/fill.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { OpArgs, OpResult } from '../../shared/protocol/ops.ts';

export interface BillRow {
  /** Unique per account. Realised and fee bills of a fill are `<fillId>:realised`, `<fillId>:fee`. */
  billId: string;
  accountId: string;
  symbol: string | null;
  coin: string;
  kind: 'realised' | 'fee' | 'funding' | 'transfer' | 'adjustment';
  amount: string;
  /** Market time. */
  ts: number;
}

export interface EquityRow {
  accountId: string;
  /** Wall time. */
  ts: number;
  /** Null in events of older servers. */
  marketTs: number | null;
  equity: string;
  balance: string;
}

/** Rows for reading history, written in the same transaction as their events. */
export interface ProjectionRows {
  /** Latest state per orderId. */
  orders: Order[];
  fills: Fill[];
  trades: Trade[];
  bills: BillRow[];
  equity: EquityRow[];
}

/** History of one desk by cursor; always filtered by the desk first. */
export interface History {
  orders(deskId: string, filter: OpArgs<'history.orders'>): Promise<OpResult<'history.orders'>>;
  fills(deskId: string, filter: OpArgs<'history.fills'>): Promise<OpResult<'history.fills'>>;
  trades(deskId: string, filter: OpArgs<'history.trades'>): Promise<OpResult<'history.trades'>>;
  equity(deskId: string, filter: OpArgs<'history.equity'>): Promise<OpResult<'history.equity'>>;
  bills(deskId: string, filter: OpArgs<'history.bills'>): Promise<OpResult<'history.bills'>>;
}
