import type { Endpoint } from '../calls/restCalls.ts';

const get = (path: string, perSecond: number): Endpoint => ({
  method: 'GET',
  path: `/api/v2/${path}`,
  perSecond,
});
const post = (path: string, perSecond: number): Endpoint => ({
  method: 'POST',
  path: `/api/v2/${path}`,
  perSecond,
});

/** Calls of the classic API, with what they take in a second. */
export const V2 = {
  contracts: get('mix/market/contracts', 20),
  tickers: get('mix/market/tickers', 20),
  candles: get('mix/market/candles', 20),
  historyCandles: get('mix/market/history-candles', 20),
  positionTier: get('mix/market/query-position-lever', 10),
  info: get('spot/account/info', 1),
  account: get('mix/account/account', 10),
  accounts: get('mix/account/accounts', 10),
  bills: get('mix/account/bill', 10),
  setLeverage: post('mix/account/set-leverage', 5),
  setMarginMode: post('mix/account/set-margin-mode', 5),
  positions: get('mix/position/all-position', 5),
  openOrders: get('mix/order/orders-pending', 10),
  endedOrders: get('mix/order/orders-history', 10),
  order: get('mix/order/detail', 10),
  fills: get('mix/order/fills', 10),
  place: post('mix/order/place-order', 10),
  modify: post('mix/order/modify-order', 10),
  cancel: post('mix/order/cancel-order', 10),
  close: post('mix/order/close-positions', 1),
  stops: get('mix/order/orders-plan-pending', 10),
  endedStops: get('mix/order/orders-plan-history', 10),
  subOrders: get('mix/order/plan-sub-order', 10),
  placeStop: post('mix/order/place-tpsl-order', 10),
  modifyStop: post('mix/order/modify-tpsl-order', 10),
  cancelStop: post('mix/order/cancel-plan-order', 10),
} as const;

/** Named with every call of an account. */
export const PRODUCT = { productType: 'USDT-FUTURES' } as const;
export const COIN = { marginCoin: 'USDT' } as const;
/** Stops and targets; without it plans to open are told instead. */
export const STOPS = { planType: 'profit_loss' } as const;
