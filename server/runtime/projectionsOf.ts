import { neg } from '../../shared/domain/decimal.ts';
import type { Trade } from '../../shared/domain/fill.ts';
import type { Order } from '../../shared/domain/order.ts';
import { SETTLEMENT_COIN } from '../core/desk.ts';
import type { DeskEvent } from '../core/events.ts';
import type { BillRow, ProjectionRows } from '../ports/projections.ts';

/** The history rows that a run of events of one desk adds, for the transaction that commits them. */
export function projectionsOf(events: readonly DeskEvent[]): ProjectionRows {
  const orders = new Map<string, Order>();
  const trades = new Map<string, Trade>();
  const rows: ProjectionRows = { orders: [], fills: [], trades: [], bills: [], equity: [] };
  for (const event of events) {
    switch (event.kind) {
      case 'OrderSubmitted':
      case 'OrderAccepted':
      case 'OrderUpdated':
      case 'OrderCancelled':
      case 'OrderRejected':
      case 'OrderUnknown':
        orders.set(event.data.order.orderId, event.data.order);
        break;
      case 'FillRecorded':
        rows.fills.push(event.data.fill);
        rows.bills.push(...billsOfFill(event.data.fill));
        break;
      case 'PositionChanged':
        if (event.data.trade !== null) trades.set(event.data.trade.tradeId, event.data.trade);
        break;
      case 'TradeChanged':
        trades.set(event.data.trade.tradeId, event.data.trade);
        break;
      case 'BalanceChanged':
        if (event.data.bill !== null)
          rows.bills.push({ accountId: event.data.account.accountId, ...event.data.bill });
        break;
      case 'FundingPaid':
        rows.bills.push({ accountId: event.data.accountId, ...event.data.bill });
        break;
      case 'RealisedSettled': {
        const { accountId, symbol, amount, ts } = event.data;
        const billId = `${symbol}:${event.seq}:realised`;
        rows.bills.push({ accountId, symbol, coin: SETTLEMENT_COIN, ts, billId, kind: 'realised', amount });
        break;
      }
      case 'EquityMarked': {
        const { accountId, ts, marketTs = null, equity, balance } = event.data;
        rows.equity.push({ accountId, ts, marketTs, equity, balance });
        break;
      }
    }
  }
  rows.orders.push(...orders.values());
  rows.trades.push(...trades.values());
  return rows;
}

type Fill = Extract<DeskEvent, { kind: 'FillRecorded' }>['data']['fill'];

function billsOfFill(fill: Fill): BillRow[] {
  const { accountId, symbol, ts, fillId } = fill;
  const base = { accountId, symbol, coin: SETTLEMENT_COIN, ts };
  const fee = fill.otherFee ?? { coin: SETTLEMENT_COIN, amount: fill.fee };
  const rows: BillRow[] = [
    { ...base, coin: fee.coin, billId: `${fillId}:fee`, kind: 'fee', amount: neg(fee.amount) },
  ];
  if (fill.realisedPnl !== '0') {
    rows.push({ ...base, billId: `${fillId}:realised`, kind: 'realised', amount: fill.realisedPnl });
  }
  return rows;
}
