import { isZero, neg, type ONE, sub } from '../../../../shared/domain/decimal.ts';
import type { Money, PositionView } from '../exchange/reading.ts';
import type {
  BillRecord,
  FillRecord,
  OrderRecord,
  PositionRecord,
  StrategyRecord,
} from '../exchange/records.ts';
import type { HoldMode } from '../exchange/settings.ts';
import type { Trader } from '../exchange/trader.ts';
import { average, marginName, ratio } from '../v3/render.ts';

export const PRODUCT = 'USDT-FUTURES';
const BTC_PRICE = '64000' as typeof ONE;

export const posModeOf = ({ leg }: { leg: string }): HoldMode =>
  leg === 'net' ? 'one_way_mode' : 'hedge_mode';
export const posSideOf = ({ leg }: { leg: string }): string => leg;

/** In hedge mode the side is the position's, whether it opens or closes. */
export function shownSide({ leg, side }: OrderRecord | FillRecord | StrategyRecord): 'buy' | 'sell' {
  if (leg === 'net') return side;
  return leg === 'long' ? 'buy' : 'sell';
}

export function tradeSideOf(record: OrderRecord | FillRecord): string {
  const order = 'order' in record ? record.order : record;
  const { leg, side } = record;
  if (order.origin === 'liquidation') return leg === 'net' ? `burst_${side}` : `burst_close_${leg}`;
  if (order.origin === 'adl')
    return leg === 'net' ? `dte_sys_adl_${side}_in_single_side_mode` : `dte_sys_adl_close_${leg}`;
  if (leg === 'net') return `${side}_single`;
  const closes = 'closed' in record ? record.closed === true : order.closes;
  return closes ? 'close' : 'open';
}

export const statusOf = ({ status }: OrderRecord): string => (status === 'cancelled' ? 'canceled' : status);

/** What made an order, as the exchange names it. */
export function orderSourceOf({ switches }: Trader, { origin, type }: OrderRecord): string {
  if (!switches.madeByVenueTold) return 'normal';
  return SOURCES[origin]?.replace('TYPE', type) ?? 'normal';
}

const SOURCES: Partial<Record<OrderRecord['origin'], string>> = {
  stop_loss: 'loss_TYPE',
  take_profit: 'profit_TYPE',
  pos_stop_loss: 'pos_loss_TYPE',
  pos_take_profit: 'pos_profit_TYPE',
  liquidation: 'liquidation',
};

const presets = ({ attached }: OrderRecord): Record<string, string> => ({
  presetStopSurplusPrice: attached?.takeProfit?.price ?? '',
  presetStopLossPrice: attached?.stopLoss?.price ?? '',
});

function orderBase(trader: Trader, order: OrderRecord): Record<string, string> {
  return {
    symbol: order.symbol,
    size: order.qty,
    orderId: order.orderId,
    clientOid: order.clientOid,
    baseVolume: order.filled,
    fee: isZero(order.fee) ? '' : neg(order.fee),
    price: order.price ?? '',
    priceAvg: isZero(order.filled) ? '' : average(order.value, order.filled),
    side: shownSide(order),
    force: order.timeInForce,
    totalProfits: order.pnl,
    posSide: posSideOf(order),
    marginCoin: 'USDT',
    quoteVolume: order.value,
    orderType: order.type,
    leverage: String(order.leverage),
    marginMode: marginName(order.marginMode),
    enterPointSource: order.origin === 'user' ? 'API' : 'SYS',
    tradeSide: tradeSideOf(order),
    posMode: posModeOf(order),
    orderSource: orderSourceOf(trader, order),
    cTime: String(order.created),
    uTime: String(order.updated),
    ...presets(order),
  };
}

export const orderRow = (trader: Trader, order: OrderRecord): object => ({
  ...orderBase(trader, order),
  status: statusOf(order),
});

export const orderDetail = (trader: Trader, order: OrderRecord): object => ({
  ...orderBase(trader, order),
  state: statusOf(order),
  reduceOnly: order.leg === 'net' && order.closes ? 'YES' : 'NO',
});

export function orderPush(order: OrderRecord): object {
  const fill = order.lastFill;
  const price = order.price ?? order.lastFill?.price ?? '0';
  return {
    accBaseVolume: order.filled,
    cTime: String(order.created),
    clientOid: order.clientOid,
    feeDetail: fill === null ? [] : [{ feeCoin: fill.feeCoin, fee: neg(order.fee) }],
    fillFee: fill === null ? '' : neg(fill.fee),
    fillFeeCoin: fill?.feeCoin ?? '',
    fillNotionalUsd: fill?.value ?? '',
    fillPrice: fill?.price ?? '',
    baseVolume: fill?.size ?? '0',
    fillTime: fill === null ? '' : String(fill.ts),
    force: order.timeInForce,
    instId: order.symbol,
    leverage: String(order.leverage),
    marginCoin: 'USDT',
    marginMode: marginName(order.marginMode),
    notionalUsd: isZero(order.filled) ? price : order.value,
    orderId: order.orderId,
    orderType: order.type,
    pnl: fill?.pnl ?? '0',
    posMode: posModeOf(order),
    posSide: posSideOf(order),
    price: order.price ?? '0',
    priceAvg: isZero(order.filled) ? '0' : average(order.value, order.filled),
    reduceOnly: order.leg === 'net' && order.closes ? 'yes' : 'no',
    side: shownSide(order),
    size: order.qty,
    enterPointSource: order.origin === 'user' ? 'API' : 'SYS',
    status: statusOf(order),
    tradeScope: fill === null ? '' : fill.maker ? 'M' : 'T',
    tradeId: fill?.fillId ?? '',
    tradeSide: tradeSideOf(order),
    uTime: String(order.updated),
  };
}

const feeOf = ({ feeCoin, fee }: FillRecord): object[] => [
  {
    deduction: feeCoin === 'BGB' ? 'yes' : 'no',
    feeCoin,
    totalDeductionFee: feeCoin === 'BGB' ? neg(fee) : '0',
    totalFee: neg(fee),
  },
];

/** The client's id is not among it. */
export const fillRow = (fill: FillRecord): object => ({
  tradeId: fill.fillId,
  symbol: fill.symbol,
  orderId: fill.order.orderId,
  price: fill.price,
  baseVolume: fill.size,
  feeDetail: feeOf(fill),
  side: shownSide(fill),
  quoteVolume: fill.value,
  profit: fill.pnl,
  enterPointSource: fill.order.origin === 'user' ? 'api' : 'sys',
  tradeSide: tradeSideOf(fill),
  posMode: posModeOf(fill),
  tradeScope: fill.maker ? 'maker' : 'taker',
  cTime: String(fill.ts),
});

/** No example of it is at hand: by the vendor's description. */
export const fillPush = (trader: Trader, fill: FillRecord): object => ({
  orderId: fill.order.orderId,
  ...(trader.switches.pushedFillsNamed ? { clientOid: fill.order.clientOid } : {}),
  tradeId: fill.fillId,
  symbol: fill.symbol,
  side: shownSide(fill),
  orderType: fill.order.type,
  posMode: posModeOf(fill),
  price: fill.price,
  baseVolume: fill.size,
  quoteVolume: fill.value,
  profit: fill.pnl,
  tradeSide: tradeSideOf(fill),
  tradeScope: fill.maker ? 'maker' : 'taker',
  feeDetail: feeOf(fill),
  cTime: String(fill.ts),
  uTime: String(fill.ts),
});

export const positionRow = (held: PositionView): object => ({
  marginCoin: 'USDT',
  symbol: held.symbol,
  holdSide: held.direction,
  openDelegateSize: held.frozen,
  marginSize: held.margin,
  available: held.available,
  locked: held.frozen,
  total: held.size,
  leverage: String(held.leverage),
  achievedProfits: held.realised,
  openPriceAvg: average(held.cost, held.size),
  marginMode: marginName(held.marginMode),
  posMode: posModeOf(held),
  unrealizedPL: held.unrealised,
  liquidationPrice: held.liquidation ?? '0',
  keepMarginRate: held.maintenanceRate,
  markPrice: held.mark,
  breakEvenPrice: average(held.cost, held.size),
  totalFee: held.funding,
  deductedFee: held.openFee,
  marginRatio: ratio(held.maintenance, held.margin),
  cTime: String(held.created),
});

export const positionPush = (held: PositionView): object => ({
  posId: held.positionId,
  instId: held.symbol,
  marginCoin: 'USDT',
  marginSize: held.margin,
  marginMode: marginName(held.marginMode),
  holdSide: held.direction,
  posMode: posModeOf(held),
  total: held.size,
  available: held.available,
  frozen: held.frozen,
  openPriceAvg: average(held.cost, held.size),
  leverage: held.leverage,
  achievedProfits: held.realised,
  unrealizedPL: held.unrealised,
  unrealizedPLR: ratio(held.unrealised, held.margin),
  liquidationPrice: held.liquidation ?? '0',
  keepMarginRate: held.maintenanceRate,
  marginRate: ratio(held.maintenance, held.margin),
  cTime: String(held.created),
  breakEvenPrice: average(held.cost, held.size),
  totalFee: held.funding,
  deductedFee: held.openFee,
  uTime: String(held.updated),
  autoMargin: 'off',
});

export const endedPosition = (held: PositionRecord): object => ({
  positionId: held.positionId,
  marginCoin: 'USDT',
  symbol: held.symbol,
  holdSide: held.direction,
  openAvgPrice: average(held.openedValue, held.opened),
  closeAvgPrice: average(held.closedValue, held.closed),
  marginMode: marginName(held.marginMode),
  openTotalPos: held.opened,
  closeTotalPos: held.closed,
  pnl: held.realised,
  netProfit: sub(sub(held.realised, held.openFee), held.closeFee),
  totalFunding: held.funding,
  openFee: neg(held.openFee),
  closeFee: neg(held.closeFee),
  cTime: String(held.created),
  uTime: String(held.updated),
});

export const moneyFacts = (money: Money): Record<string, string> => ({
  marginCoin: 'USDT',
  locked: sub(money.locked, money.initial).startsWith('-') ? '0' : sub(money.locked, money.initial),
  available: money.available,
  crossedMaxAvailable: money.available,
  isolatedMaxAvailable: money.available,
  maxTransferOut: money.available,
  accountEquity: money.equity,
  usdtEquity: money.equity,
  btcEquity: ratio(money.equity, BTC_PRICE),
  crossedRiskRate: ratio(money.maintenance, money.equity),
  unrealizedPL: money.unrealised,
  coupon: '0',
});

export const accountPush = (money: Money): object => ({
  marginCoin: 'USDT',
  frozen: sub(money.locked, money.initial).startsWith('-') ? '0' : sub(money.locked, money.initial),
  available: money.balance,
  maxOpenPosAvailable: money.available,
  maxTransferOut: money.available,
  equity: money.equity,
  usdtEquity: money.equity,
});

export const billRow = (bill: BillRecord): object => ({
  billId: bill.billId,
  symbol: bill.symbol,
  amount: bill.amount,
  fee: neg(bill.fee),
  feeByCoupon: '',
  businessType: businessType(bill),
  coin: bill.coin,
  balance: bill.balance,
  cTime: String(bill.ts),
});

function businessType({ kind, fill }: BillRecord): string {
  if (kind === 'funding') return 'contract_settle_fee';
  if (kind !== 'trade') return kind === 'transfer_in' ? 'trans_from_exchange' : 'trans_to_exchange';
  if (fill?.order.origin === 'liquidation') return `burst_${fill.side}`;
  if (fill?.leg === 'net') return fill.side;
  return `${fill?.closed === true ? 'close' : 'open'}_${fill?.leg ?? ''}`;
}
