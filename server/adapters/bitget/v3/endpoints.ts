import type { Endpoint } from '../calls/restCalls.ts';

const get = (path: string, perSecond: number): Endpoint => ({
  method: 'GET',
  path: `/api/v3/${path}`,
  perSecond,
});
const post = (path: string, perSecond: number): Endpoint => ({
  method: 'POST',
  path: `/api/v3/${path}`,
  perSecond,
});

/** Calls of the unified API, with what they take in a second. */
export const V3 = {
  instruments: get('market/instruments', 20),
  tickers: get('market/tickers', 20),
  positionTier: get('market/position-tier', 10),
  settings: get('account/settings', 20),
  info: get('account/info', 5),
  assets: get('account/assets', 20),
  records: get('account/financial-records', 20),
  setLeverage: post('account/set-leverage', 10),
  positions: get('position/current-position', 20),
  openOrders: get('trade/unfilled-orders', 20),
  endedOrders: get('trade/history-orders', 20),
  order: get('trade/order-info', 20),
  fills: get('trade/fills', 20),
  place: post('trade/place-order', 10),
  modify: post('trade/modify-order', 10),
  cancel: post('trade/cancel-order', 10),
  close: post('trade/close-positions', 5),
  stops: get('trade/unfilled-strategy-orders', 20),
  endedStops: get('trade/history-strategy-orders', 20),
  subOrders: get('trade/strategy-sub-orders', 10),
  placeStop: post('trade/place-strategy-order', 10),
  modifyStop: post('trade/modify-strategy-order', 10),
  cancelStop: post('trade/cancel-strategy-order', 10),
} as const;

export const CATEGORY = 'USDT-FUTURES';
