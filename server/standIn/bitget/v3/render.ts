import type { MarginMode } from '../../../../shared/domain/account.ts';
import { add, type Decimal, isZero, mulDiv, neg, ONE, sub, ZERO } from '../../../../shared/domain/decimal.ts';
import type { PositionView } from '../exchange/reading.ts';
import type {
  Attached,
  BillRecord,
  FillRecord,
  OrderRecord,
  PositionRecord,
  StrategyRecord,
  TriggerLeg,
} from '../exchange/records.ts';
import type { Trader } from '../exchange/trader.ts';

export const CATEGORY = 'USDT-FUTURES';

export const marginName = (mode: MarginMode): string => (mode === 'cross' ? 'crossed' : 'isolated');
export const ratio = (part: Decimal, whole: Decimal, scale = 8): Decimal =>
  isZero(whole) ? ZERO : mulDiv(part, ONE, whole, scale);
export const average = (value: Decimal, size: Decimal): Decimal => ratio(value, size, 8);

/** `long` or `short`; empty where one-way mode does not say. */
export function posSideOf(trader: Trader, record: OrderRecord | StrategyRecord | FillRecord): string {
  if (record.leg !== 'net') return record.leg;
  if (!trader.switches.posSideInOneWay) return '';
  const closes = 'closes' in record ? record.closes : record.closed;
  return (record.side === 'buy') === closes ? 'short' : 'long';
}

export const triggerName = (leg: TriggerLeg | null | undefined): string =>
  leg === null || leg === undefined ? '' : leg.by === 'mark' ? 'mark' : 'market';
const legType = (leg: TriggerLeg | null | undefined): string =>
  leg === null || leg === undefined ? '' : leg.limit === null ? 'market' : 'limit';

export const legFields = (legs: Attached | null): Record<string, string> => ({
  takeProfit: legs?.takeProfit?.price ?? '',
  stopLoss: legs?.stopLoss?.price ?? '',
  tpTriggerBy: triggerName(legs?.takeProfit),
  slTriggerBy: triggerName(legs?.stopLoss),
  tpOrderType: legType(legs?.takeProfit),
  slOrderType: legType(legs?.stopLoss),
  tpLimitPrice: legs?.takeProfit?.limit ?? '',
  slLimitPrice: legs?.stopLoss?.limit ?? '',
});

const holdModeOf = ({ leg }: { leg: string }): string => (leg === 'net' ? 'one_way_mode' : 'hedge_mode');

/** A hedge-mode close reads NO, although it can only close. */
export const reduceOnlyOf = (order: OrderRecord): 'YES' | 'NO' =>
  order.leg === 'net' && order.closes ? 'YES' : 'NO';

const feeDetail = (coin: string, fee: Decimal, isEmpty: boolean): object[] => [
  isEmpty ? { feeCoin: null, fee: null } : { feeCoin: coin, fee },
];

const execTypeOf = (trader: Trader, { origin }: OrderRecord): string =>
  trader.switches.madeByVenueTold ? EXEC_TYPES[origin] : '';

const EXEC_TYPES: Readonly<Record<OrderRecord['origin'], string>> = {
  user: 'normal',
  stop_loss: 'stop_loss',
  take_profit: 'take_profit',
  pos_stop_loss: 'stop_loss',
  pos_take_profit: 'take_profit',
  trigger: 'normal',
  liquidation: 'liquidation',
  adl: 'adl',
  close: 'normal',
};

export function orderBase(trader: Trader, order: OrderRecord): Record<string, unknown> {
  const isEmpty = order.lastFill === null;
  return {
    orderId: order.orderId,
    clientOid: order.clientOid,
    category: CATEGORY,
    symbol: order.symbol,
    orderType: order.type,
    side: order.side,
    price: order.price ?? '',
    qty: order.qty,
    amount: '0',
    cumExecQty: order.filled,
    cumExecValue: order.value,
    avgPrice: isEmpty ? '0' : average(order.value, order.filled),
    timeInForce: order.timeInForce,
    orderStatus: order.status,
    posSide: posSideOf(trader, order),
    holdMode: holdModeOf(order),
    reduceOnly: reduceOnlyOf(order),
    marginMode: marginName(order.marginMode),
    stpMode: 'none',
    ...legFields(order.attached),
    feeDetail: feeDetail(order.lastFill?.feeCoin ?? 'USDT', order.fee, isEmpty),
    createdTime: String(order.created),
    updatedTime: String(order.updated),
  };
}

export const openOrder = (trader: Trader, order: OrderRecord): object => ({
  ...orderBase(trader, order),
  delegateType: 'normal',
});

export const endedOrder = (trader: Trader, order: OrderRecord): object => ({
  ...openOrder(trader, order),
  cancelReason: order.cancelReason,
  execType: execTypeOf(trader, order),
});

export const orderInfo = (trader: Trader, order: OrderRecord): object => ({
  ...orderBase(trader, order),
  tradeSide: order.closes ? 'close' : 'open',
  cancelReason: order.cancelReason,
  execType: execTypeOf(trader, order),
});

export function orderPush(trader: Trader, order: OrderRecord): object {
  const isEmpty = order.lastFill === null;
  return {
    category: 'usdt-futures',
    symbol: order.symbol,
    orderId: order.orderId,
    clientOid: order.clientOid,
    price: order.price ?? '',
    qty: order.qty,
    amount: order.value,
    holdMode: holdModeOf(order),
    holdSide: posSideOf(trader, order),
    delegateType: 'normal',
    tradeSide: order.closes ? 'close' : 'open',
    orderType: order.type,
    timeInForce: order.timeInForce,
    side: order.side,
    marginMode: marginName(order.marginMode),
    marginCoin: 'USDT',
    reduceOnly: reduceOnlyOf(order).toLowerCase(),
    cumExecQty: order.filled,
    cumExecValue: order.value,
    avgPrice: isEmpty ? '0' : average(order.value, order.filled),
    totalProfit: order.pnl,
    orderStatus: order.status,
    cancelReason: order.cancelReason,
    leverage: String(order.leverage),
    feeDetail: isEmpty ? [] : [{ feeCoin: order.lastFill?.feeCoin ?? 'USDT', fee: order.fee }],
    createdTime: String(order.created),
    updatedTime: String(order.updated),
    stpMode: 'none',
  };
}

export const fillRow = (fill: FillRecord): object => ({
  execId: fill.fillId,
  execLinkId: fill.fillId,
  orderId: fill.order.orderId,
  clientOid: fill.order.clientOid,
  category: CATEGORY,
  symbol: fill.symbol,
  orderType: fill.order.type,
  side: fill.side,
  execPrice: fill.price,
  execQty: fill.size,
  execValue: fill.value,
  tradeScope: fill.maker ? 'maker' : 'taker',
  tradeSide: fill.closed ? 'close' : 'open',
  feeDetail: [{ feeCoin: fill.feeCoin, fee: fill.fee }],
  createdTime: String(fill.ts),
  updatedTime: String(fill.ts),
  execPnl: fill.pnl,
  isRPI: 'no',
});

export const fillPush = (trader: Trader, fill: FillRecord): object => ({
  symbol: fill.symbol,
  orderType: fill.order.type,
  updatedTime: String(fill.ts),
  side: fill.side,
  orderId: fill.order.orderId,
  execPnl: fill.pnl,
  feeDetail: [{ feeCoin: fill.feeCoin, fee: fill.fee }],
  execTime: String(fill.ts),
  tradeScope: fill.maker ? 'maker' : 'taker',
  tradeSide: fill.closed ? 'close' : 'open',
  execId: fill.fillId,
  execLinkId: fill.fillId,
  execPrice: fill.price,
  holdSide: posSideOf(trader, fill),
  execValue: fill.value,
  category: 'usdt-futures',
  execQty: fill.size,
  clientOid: trader.switches.pushedFillsNamed ? fill.order.clientOid : '',
  isRPI: 'no',
});

const breakEven = (held: PositionRecord): Decimal => {
  const fees = mulDiv(held.openFee, '2' as Decimal, ONE);
  const value = held.direction === 'long' ? add(held.cost, fees) : sub(held.cost, fees);
  return average(value, held.size);
};

export const positionRow = (held: PositionView): object => ({
  category: CATEGORY,
  symbol: held.symbol,
  marginCoin: 'USDT',
  holdMode: holdModeOf(held),
  posSide: held.direction,
  marginMode: marginName(held.marginMode),
  positionBalance: held.margin,
  available: held.available,
  frozen: held.frozen,
  total: held.size,
  leverage: String(held.leverage),
  curRealisedPnl: held.realised,
  avgPrice: average(held.cost, held.size),
  positionStatus: 'normal',
  unrealisedPnl: held.unrealised,
  liquidationPrice: held.liquidation ?? '-1',
  mmr: held.maintenanceRate,
  profitRate: ratio(held.unrealised, held.margin),
  markPrice: held.mark,
  breakEvenPrice: breakEven(held),
  totalFunding: held.funding,
  openFeeTotal: neg(held.openFee),
  closeFeeTotal: neg(held.closeFee),
  createdTime: String(held.created),
  updatedTime: String(held.updated),
});

export const positionPush = (held: PositionView): object => ({
  symbol: held.symbol,
  leverage: String(held.leverage),
  openFeeTotal: neg(held.openFee),
  mmr: held.maintenanceRate,
  breakEvenPrice: isZero(held.size) ? '' : breakEven(held),
  available: held.available,
  liqPrice: held.liquidation ?? '',
  marginMode: marginName(held.marginMode),
  unrealisedPnl: held.unrealised,
  markPrice: held.mark,
  createdTime: String(held.created),
  avgPrice: average(held.cost, held.size),
  totalFundingFee: held.funding,
  updatedTime: String(held.updated),
  marginCoin: 'USDT',
  frozen: held.frozen,
  profitRate: isZero(held.size) ? '' : ratio(held.unrealised, held.margin),
  closeFeeTotal: neg(held.closeFee),
  marginSize: held.margin,
  curRealisedPnl: held.realised,
  size: held.size,
  positionStatus: isZero(held.size) ? 'ended' : 'normal',
  posSide: held.direction,
  holdMode: holdModeOf(held),
});

export const endedPosition = (held: PositionRecord): object => ({
  positionId: held.positionId,
  category: CATEGORY,
  symbol: held.symbol,
  marginCoin: 'USDT',
  holdMode: holdModeOf(held),
  posSide: held.direction,
  marginMode: marginName(held.marginMode),
  openPriceAvg: average(held.openedValue, held.opened),
  closePriceAvg: average(held.closedValue, held.closed),
  openTotalPos: held.opened,
  closeTotalPos: held.closed,
  cumRealisedPnl: held.realised,
  netProfit: sub(add(held.realised, held.funding), add(held.openFee, held.closeFee)),
  totalFunding: held.funding,
  openFeeTotal: neg(held.openFee),
  closeFeeTotal: neg(held.closeFee),
  createdTime: String(held.created),
  updatedTime: String(held.updated),
});

export function strategyRow(trader: Trader, strategy: StrategyRecord): object {
  const { trigger } = strategy;
  return {
    orderId: strategy.orderId,
    clientOid: strategy.clientOid,
    category: CATEGORY,
    symbol: strategy.symbol,
    qty: shownQty(strategy),
    posSide: posSideOf(trader, strategy),
    status: strategy.status,
    ...legFields(strategy),
    triggerBy: triggerName(trigger),
    triggerPrice: trigger?.price ?? '',
    triggerOrderType: legType(trigger),
    triggerOrderPrice: trigger?.limit ?? '',
    createdTime: String(strategy.created),
    updatedTime: String(strategy.updated),
    ...(trader.switches.tpslModeShown ? { tpslMode: strategy.mode } : {}),
  };
}

/** One of the whole position has no size of its own. */
const shownQty = ({ mode, qty }: StrategyRecord): string => (mode === 'full' ? '' : qty);

export const strategyPush = (trader: Trader, strategy: StrategyRecord): object => {
  const { trigger } = strategy;
  return {
    category: 'usdt-futures',
    symbol: strategy.symbol,
    orderId: strategy.orderId,
    clientOid: strategy.clientOid,
    qty: shownQty(strategy),
    side: strategy.side,
    posSide: posSideOf(trader, strategy),
    reduceOnly: strategy.closes && strategy.leg === 'net' ? 'yes' : 'no',
    type: strategy.kind,
    status: strategy.status,
    triggerType: strategy.fired ?? '',
    ...legFields(strategy),
    triggerBy: triggerName(trigger),
    triggerPrice: trigger?.price ?? '',
    triggerOrderType: legType(trigger),
    triggerOrderPrice: trigger?.limit ?? '',
    createdTime: String(strategy.created),
    updatedTime: String(strategy.updated),
  };
};

export const billRow = (bill: BillRecord): object => ({
  category: CATEGORY,
  id: bill.billId,
  symbol: bill.symbol,
  coin: bill.coin,
  type: billType(bill),
  amount: bill.amount,
  fee: neg(bill.fee),
  balance: bill.balance,
  ts: String(bill.ts),
});

function billType({ kind, amount, marginMode, fill }: BillRecord): string {
  const direction = amount.startsWith('-') ? 'OUT' : 'IN';
  if (kind === 'funding')
    return `${marginMode === 'cross' ? 'CONTRACT_MAIN' : 'MARGIN'}_SETTLE_FEE_USER_${direction}`;
  if (kind !== 'trade') return kind === 'transfer_in' ? 'TRANSFER_IN' : 'TRANSFER_OUT';
  if (fill?.leg === 'net') return fill.side.toUpperCase();
  return `${fill?.closed === true ? 'CLOSE' : 'OPEN'}_${(fill?.leg ?? '').toUpperCase()}`;
}
