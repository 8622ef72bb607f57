import { dec } from '../../shared/domain/decimal.ts';
import type { Fill, Trade } from '../../shared/domain/fill.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { CommandRecord, DeskAppend, StoredEvent } from '../ports/deskLog.ts';
import type { BillRow, EquityRow, ProjectionRows } from '../ports/projections.ts';

const START = Date.UTC(2026, 0, 5);

export function sampleEvent(deskId: string, seq: number, change: Partial<StoredEvent> = {}): StoredEvent {
  const body = JSON.stringify({ by: { kind: 'engine' }, cause: 'timer', data: { note: `${deskId} ${seq}` } });
  return { deskId, seq, version: 1, kind: 'BotNote', ts: START + seq, body, ...change };
}

export function sampleCommand(userId: string, commandId: string): CommandRecord {
  return { userId, commandId, argsHash: 'ab12', reply: '{"ok":true,"result":{}}', createdAt: START };
}

export function noRows(): ProjectionRows {
  return { orders: [], fills: [], trades: [], bills: [], equity: [] };
}

/** `count` events after `expectedSeq` of one desk. */
export function sampleAppend(
  deskId: string,
  expectedSeq: number,
  count: number,
  change: Partial<DeskAppend> = {},
): DeskAppend {
  const events = Array.from({ length: count }, (_, index) => sampleEvent(deskId, expectedSeq + 1 + index));
  return { deskId, expectedSeq, events, commands: [], projections: noRows(), awake: true, ...change };
}

export function sampleOrder(orderId: string, change: Partial<Order> = {}): Order {
  return {
    orderId,
    venueOrderId: null,
    accountId: 'a1',
    botId: 'b1',
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'limit',
    purpose: 'entry',
    slot: 'entry',
    size: dec('0.01'),
    price: dec('50000.5'),
    triggerPrice: null,
    triggerBy: null,
    timeInForce: 'gtc',
    reduceOnly: false,
    attachedStop: { triggerPrice: dec('49000'), triggerBy: 'mark' },
    status: 'open',
    cancelRequested: false,
    unanswered: false,
    shownAt: null,
    filledSize: dec('0'),
    filledNotional: dec('0'),
    feePaid: dec('0'),
    reason: null,
    notAfter: null,
    createdAt: START,
    updatedAt: START,
    ...change,
  };
}

export function sampleFill(fillId: string, change: Partial<Fill> = {}): Fill {
  return {
    fillId,
    orderId: 'o1',
    venueOrderId: 'v1',
    accountId: 'a1',
    botId: 'b1',
    symbol: 'BTCUSDT',
    side: 'buy',
    price: dec('50000.5'),
    size: dec('0.01'),
    fee: dec('0.3'),
    realisedPnl: dec('0'),
    liquidity: 'taker',
    source: 'order',
    ts: START,
    ingestedAt: START,
    ...change,
  };
}

export function sampleTrade(tradeId: string, change: Partial<Trade> = {}): Trade {
  return {
    tradeId,
    accountId: 'a1',
    botId: 'b1',
    symbol: 'BTCUSDT',
    direction: 'long',
    size: dec('0.01'),
    entryPrice: dec('50000.5'),
    exitPrice: dec('50100.5'),
    realisedPnl: dec('1'),
    fees: dec('0.6'),
    funding: dec('0'),
    netPnl: dec('0.4'),
    openedAt: START,
    closedAt: START,
    exit: 'signal',
    ...change,
  };
}

export function sampleBill(billId: string, change: Partial<BillRow> = {}): BillRow {
  return {
    billId,
    accountId: 'a1',
    symbol: 'BTCUSDT',
    coin: 'USDT',
    kind: 'fee',
    amount: '-0.3',
    ts: START,
    ...change,
  };
}

export function sampleEquity(ts: number, change: Partial<EquityRow> = {}): EquityRow {
  return { accountId: 'a1', ts, marketTs: ts, equity: '10000.123456789', balance: '10000', ...change };
}
