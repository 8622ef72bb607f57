import { expect, test } from 'vitest';
import { payloadNames, readPayload } from '../../../testing/bitget/payloads.ts';
import { readAnswer } from '../answers/answer.ts';
import { parseCandles } from '../told/quotePart.ts';
import { parseAccountPush, parseAccounts, parseSettings } from './account.ts';
import { parseBillPage } from './bills.ts';
import { parseFillPage, parseFillsOfOrderPush } from './fills.ts';
import { parseInstruments, parseMaintenanceRate } from './instruments.ts';
import { parseOrder, parseOrderPage, parseOrderPush } from './orders.ts';
import { parsePlanPage, parseSubOrders } from './planOrders.ts';
import { parsePositionPush, parsePositions } from './positions.ts';
import { parseTickers } from './tickers.ts';
import { parseItems, parseOrderId, parseSet } from './writes.ts';

const NOW = 1_695_793_701_269;
const data = (name: string): unknown => readPayload('v2', name).data;

const ROW = {
  symbol: 'BTCUSDT',
  direction: 'long',
  size: '0.01',
  cost: '250',
  leverage: 20,
  marginMode: 'isolated',
  liquidationPrice: '24144.1124161806977798',
};
const CANDLES = () => {
  const [first, second] = parseCandles('candles', data('market.GetKlines'));
  expect(first).toEqual({
    ...{ openTime: 1695835800000, open: '26210.5', high: '26210.5' },
    ...{ low: '26194.5', close: '26194.5', volume: '26.26' },
  });
  expect(second?.openTime).toBe(1695836100000);
};

/** What comes out of each payload, by its name. */
const EXPECTED: Record<string, () => void> = {
  'account.GetBalance': () => {
    expect(parseAccounts(data('account.GetBalance')).balances).toEqual({ USDT: '13178.86110692' });
    const { symbols, ...settings } = parseSettings('BTCUSDT', data('account.GetBalance'));
    expect(settings).toEqual({ uid: null, holdMode: 'hedge', marginModes: ['cross', 'isolated'] });
    expect(symbols.get('BTCUSDT')).toEqual({ marginMode: 'cross', leverage: 20 });
  },
  'account.GetLedger': () =>
    // The second is a trade's: fills tell it.
    expect(parseBillPage(data('account.GetLedger'))).toEqual({
      bills: [
        {
          billId: '1',
          coin: 'USDT',
          symbol: 'BTCUSDT',
          kind: 'funding',
          amount: '-0.004992',
          ts: 1695715200654,
          cursor: 1695715200654,
        },
      ],
      told: 2,
      newest: 1695715200654,
      cursor: '2',
    }),
  'account.SetLeverage': () => parseSet('x', data('account.SetLeverage')),
  'account.SetMarginMode': () => parseSet('x', data('account.SetMarginMode')),
  'account.SetPositionMode': () =>
    expect(answered('account.SetPositionMode')).toEqual({ posMode: 'one_way_mode' }),
  'market.GetContracts': () =>
    expect(parseInstruments('bitget', data('market.GetContracts'), NOW)).toMatchObject([
      {
        fundingHours: 8,
        instrument: {
          ...{ symbol: 'BTCUSDT', status: 'trading', tickSize: '0.1', sizeStep: '0.01', minSize: '0.01' },
          ...{
            maxLeverage: 125,
            maintenanceMarginRate: '0.004',
            minNotional: '5.1',
            maxLimitSize: '1000000000',
          },
          ...{ makerFeeRate: '0.0004', takerFeeRate: '0.0006', priceBandRatio: '0.9' },
        },
      },
    ]),
  'market.GetHistoricalKlines': CANDLES,
  'market.GetKlines': CANDLES,
  'market.GetPositionTiers': () =>
    expect(parseMaintenanceRate(data('market.GetPositionTiers'))).toBe('0.004'),
  'market.GetTicker': () =>
    expect(parseTickers(data('market.GetTicker'), NOW)).toEqual([
      {
        symbol: 'ETHUSD_231229',
        ts: 1695794098184,
        last: '1829.3',
        bid: '1829.3',
        ask: '1829.8',
        mark: null,
        index: '1822.15',
        fundingRate: '0',
        nextFundingTime: null,
      },
    ]),
  'push.Balance': () => expect(parseAccountPush(data('push.Balance'))).toEqual({ USDT: '11489.96841069' }),
  'push.Order': () => {
    expect(parseOrderPush(data('push.Order'))).toMatchObject([
      {
        ...{ venueOrderId: '1', clientOrderId: '1', symbol: 'BTCUSDT', side: 'buy', type: 'market' },
        ...{ size: '0.01', price: null, reduceOnly: false, status: 'filled', filledSize: '0.01' },
      },
    ]);
    expect(parseFillsOfOrderPush(data('push.Order'))).toEqual([
      {
        ...{ fillId: '1111111111', venueOrderId: '1', clientOrderId: '1', symbol: 'BTCUSDT', side: 'buy' },
        ...{ price: '27000.5', size: '0.01', fee: '0.162003', feeCoin: 'USDT', realisedPnl: '0' },
        ...{ liquidity: 'taker', source: null, ts: 1695718781146, cursor: 1695718781146 },
      },
    ]);
  },
  'push.Position': () =>
    expect(parsePositionPush(data('push.Position'))).toEqual([
      {
        ...{ symbol: 'ETHUSDT', direction: 'short', size: '0.1', cost: '190', leverage: 20 },
        ...{ marginMode: 'cross', liquidationPrice: '5788.108475905242' },
      },
    ]),
  'push.Ticker': () =>
    expect(parseTickers(data('push.Ticker'), NOW)).toEqual([
      {
        ...{ symbol: 'BTCUSDT', ts: 1695715383021, last: '27000.5', bid: '27000', ask: '27000.5' },
        ...{ mark: '27000', index: '25702.4', fundingRate: '0.00001', nextFundingTime: 1695722400000 },
      },
    ]),
  'trading.CancelOrder': () => expect(parseOrderId('x', data('trading.CancelOrder'))).toBe('123'),
  'trading.CancelTriggerOrders': () =>
    expect(parseItems('x', data('trading.CancelTriggerOrders'))).toEqual(['121212121212', '123']),
  'trading.ClosePosition': () => expect(parseItems('x', data('trading.ClosePosition'))).toEqual(['123']),
  'trading.EditOrder': () => expect(parseOrderId('x', data('trading.EditOrder'))).toBe('121212121212'),
  'trading.EditTpSlOrder': () =>
    expect(parseOrderId('x', data('trading.EditTpSlOrder'))).toBe('121212121212'),
  'trading.GetOpenOrders': () =>
    expect(parseOrderPage('x', data('trading.GetOpenOrders'))).toMatchObject({
      orders: [
        {
          ...{ symbol: 'ETHUSDT', clientOrderId: '12321', side: 'buy', type: 'limit', size: '100' },
          ...{ price: '1900', reduceOnly: false, status: 'partially_filled', filledSize: '12.1' },
        },
      ],
      cursor: '123',
    }),
  'trading.GetOpenTriggerOrders': () =>
    expect(parsePlanPage('x', data('trading.GetOpenTriggerOrders')).orders).toMatchObject([
      {
        ...{ symbol: 'ETHUSDT', side: 'buy', type: 'stop_market', size: '1', triggerPrice: '1901' },
        ...{ triggerBy: 'mark', reduceOnly: false, status: 'open', ts: 1627293504612 },
      },
    ]),
  'trading.GetOrder': () =>
    expect(parseOrder(data('trading.GetOrder'))).toMatchObject({
      ...{ symbol: 'ETHUSDT', side: 'buy', reduceOnly: true, status: 'filled', filledSize: '2' },
    }),
  'trading.GetPosition': () => expect(parsePositions('x', data('trading.GetPosition'))).toEqual([ROW]),
  'trading.GetPositions': () => expect(parsePositions('x', data('trading.GetPositions'))).toEqual([ROW]),
  'trading.GetTriggerSubOrders': () =>
    expect(parseSubOrders(data('trading.GetTriggerSubOrders'))).toEqual(['xxxxxxxxxxxxx']),
  'trading.GetUserTrades': () =>
    // Hedge mode: it closed a long, so it sold, although it says `buy`. Paid in the exchange's own coin.
    expect(parseFillPage(data('trading.GetUserTrades'))).toEqual({
      fills: [
        {
          ...{ fillId: '123', venueOrderId: '121212', clientOrderId: null, symbol: 'ETHUSDT', side: 'sell' },
          ...{ price: '1900', size: '1', fee: '0.017118519726', feeCoin: 'BGB', realisedPnl: '102' },
          ...{ liquidity: 'taker', source: null, ts: 1627293509612, cursor: 1627293509612 },
        },
      ],
      cursor: '123',
    }),
  'trading.PlaceOrder': () => expect(parseOrderId('x', data('trading.PlaceOrder'))).toBe('121211212122'),
  'trading.PlaceTpSlOrder': () =>
    expect(parseOrderId('x', data('trading.PlaceTpSlOrder'))).toBe('121212121212'),
  'trading.SetPositionTpSl': () =>
    expect(answered('trading.SetPositionTpSl')).toMatchObject([{ orderId: 'xxxxxxxx' }, {}]),
};

/** Of calls that are not made: the envelope is read. */
const answered = (name: string): unknown =>
  readAnswer({ call: name, status: 200, body: readPayload('v2', name).body }).data;

test('[BIT-9] every payload of the classic API that is documented is among those that are parsed here', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual(payloadNames('v2').sort());
});

test.each(payloadNames('v2'))('[BIT-9] %s of the classic API is read as what it is', (name) => {
  expect(EXPECTED[name]).toBeDefined();
  EXPECTED[name]?.();
});
