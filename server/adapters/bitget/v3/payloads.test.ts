import { expect, test } from 'vitest';
import { payloadNames, readPayload } from '../../../testing/bitget/payloads.ts';
import { readAnswer } from '../answers/answer.ts';
import { parseCandles } from '../told/quotePart.ts';
import { parseAccountPush, parseAssets, parseKeyFacts, parseSettings } from './account.ts';
import { parseBillPage } from './bills.ts';
import { parseFillPage, parseFillPush } from './fills.ts';
import { parseInstruments, parseMaintenanceRate } from './instruments.ts';
import { parseOrder, parseOrderPage, parseOrderPush } from './orders.ts';
import { parsePositionPush, parsePositions } from './positions.ts';
import {
  parseStrategyOrderPage,
  parseStrategyOrderPush,
  parseWaitingStrategyOrders,
} from './strategyOrders.ts';
import { parseTickerPush, parseTickers } from './tickers.ts';
import { parseDone, parseItems, parseOrderId } from './writes.ts';

const NOW = 1_770_531_054_230;
const data = (name: string): unknown => readPayload('v3', name).data;
const refused = (as: string) => expect.objectContaining({ fault: { kind: 'refused', as } });

const BTC_CANDLES = [
  {
    openTime: 1687708800000,
    open: '27176.93',
    high: '27177.43',
    low: '27166.93',
    close: '27177.43',
    volume: '2990.08',
  },
  {
    openTime: 1688313600000,
    open: '27177.43',
    high: '27177.43',
    low: '24000',
    close: '24001',
    volume: '2989.1',
  },
];
const STRATEGY = {
  venueOrderId: '111111111111111111',
  symbol: 'BTCUSDT',
  side: 'sell',
  type: 'stop_market',
  size: '0.01',
  price: null,
  triggerPrice: '90000',
  triggerBy: 'last',
  reduceOnly: true,
  ts: 1730186725691,
};
const CANDLES = () => {
  expect(parseCandles('candles', data('market.GetKlines'))).toEqual(BTC_CANDLES);
};

/** What comes out of each payload, by its name. */
const EXPECTED: Record<string, () => void> = {
  'account.GetAccountConfig': () => {
    const { symbols, ...settings } = parseSettings(data('account.GetAccountConfig'));
    expect(settings).toEqual({ uid: '1111111111', holdMode: 'one_way', marginModes: ['cross', 'isolated'] });
    expect(symbols.get('BTCUSDT')).toEqual({ marginMode: 'cross', leverage: 1 });
    expect(symbols.size).toBe(8);
  },
  'account.GetAccountInfo': () => {
    const facts = parseKeyFacts(data('account.GetAccountInfo'));
    expect(facts).toEqual({ uid: '123456789', canTrade: true, canWithdraw: true });
  },
  'account.GetBalances': () => {
    const wallet = parseAssets(data('account.GetBalances'));
    expect(wallet).toEqual({ balances: { USDT: '6.19300826', BGB: '1.15582129' } });
  },
  'account.GetFee': () => expect(answered('account.GetFee')).toMatchObject({ makerFeeRate: '0.0008' }),
  'account.GetFinancialRecords': () => {
    // A trade's: fills tell it.
    const page = parseBillPage(data('account.GetFinancialRecords'));
    expect(page).toEqual({ bills: [], told: 1, newest: 1745853486185, cursor: '122222222222222222' });
  },
  'account.SetHoldMode': () => parseDone('x', data('account.SetHoldMode')),
  'account.SetLeverage': () => parseDone('x', data('account.SetLeverage')),
  'market.GetFundingRate': () =>
    expect(answered('market.GetFundingRate')).toMatchObject([
      { fundingRate: '0.000071', nextUpdate: '1743062400000' },
    ]),
  'market.GetFundingRateHistory': () =>
    expect(answered('market.GetFundingRateHistory')).toMatchObject({ resultList: [{}, {}] }),
  'market.GetFuturesSymbols': () =>
    expect(parseInstruments('bitget', data('market.GetFuturesSymbols'), NOW)).toEqual([
      {
        fundingHours: 8,
        instrument: {
          venue: 'bitget',
          symbol: 'BTCUSDT',
          baseCoin: 'BTC',
          quoteCoin: 'USDT',
          status: 'trading',
          tickSize: '0.1',
          sizeStep: '0.0001',
          minSize: '0.0001',
          maxLimitSize: '1200',
          maxMarketSize: '220',
          minNotional: '5.1',
          maxLeverage: 150,
          makerFeeRate: '0.0002',
          takerFeeRate: '0.0006',
          maintenanceMarginRate: '0.00333333',
          priceBandRatio: '0.05',
          simulated: false,
        },
      },
    ]),
  'market.GetFuturesTickers': () =>
    expect(parseTickers(data('market.GetFuturesTickers'), NOW)).toEqual([
      {
        symbol: 'BTCUSDT',
        ts: 1765444282230,
        last: '90216.3',
        bid: '90216.3',
        ask: '90216.4',
        mark: '90216.4',
        index: '90247.5410266912815894',
        fundingRate: '0.000047',
        nextFundingTime: null,
      },
    ]),
  'market.GetKlineHistory': CANDLES,
  'market.GetKlines': CANDLES,
  'market.GetPositionTiers': () =>
    expect(parseMaintenanceRate(data('market.GetPositionTiers'))).toBe('0.004'),
  'push.Account': () => {
    const wallet = parseAccountPush(data('push.Account'));
    expect(wallet?.balances).toEqual({ ETH: '0.9992', BTC: '52.00819', USDT: '354411.45536458' });
  },
  'push.Order': () =>
    expect(parseOrderPush(data('push.Order'))).toMatchObject([
      {
        clientOrderId: 'xxx',
        symbol: 'BTCUSDT',
        side: 'buy',
        type: 'market',
        size: '0.001',
        price: null,
        reduceOnly: false,
        status: 'filled',
        filledSize: '0.001',
        ts: 1742367838115,
      },
    ]),
  'push.Position': () =>
    expect(parsePositionPush(data('push.Position'))).toEqual([
      {
        symbol: 'BTCUSDT',
        direction: 'long',
        size: '0',
        cost: '0',
        leverage: 20,
        marginMode: 'cross',
        liquidationPrice: null,
      },
    ]),
  'push.StrategyOrder': () =>
    expect(parseStrategyOrderPush(data('push.StrategyOrder'))).toMatchObject([
      { ...STRATEGY, clientOrderId: 'myorder001', status: 'open' },
    ]),
  'push.Ticker': () =>
    expect(parseTickerPush('BTCUSDT', data('push.Ticker'), 1695715383039)).toEqual([
      {
        symbol: 'BTCUSDT',
        ts: 1695715383039,
        last: '100000',
        bid: '99999',
        ask: '100000',
        mark: null,
        index: null,
        fundingRate: null,
        nextFundingTime: null,
      },
    ]),
  'push.UserTrade': () =>
    expect(parseFillPush(data('push.UserTrade'))).toEqual([
      {
        fillId: '1288888888888888888',
        venueOrderId: '1288888888888888888',
        clientOrderId: null,
        symbol: 'BTCUSDT',
        side: 'buy',
        price: '94993',
        size: '0.01',
        fee: '0.569958',
        feeCoin: 'USDT',
        realisedPnl: '0',
        liquidity: 'taker',
        source: null,
        ts: 1736378720623,
        cursor: 1736378720623,
      },
    ]),
  'trading.CancelAllOrders': () =>
    expect(() => parseItems('x', data('trading.CancelAllOrders'))).toThrow(refused('no_position')),
  'trading.CancelOrder': () =>
    expect(parseOrderId('x', data('trading.CancelOrder'))).toBe('111111111111111111'),
  'trading.CancelStrategyOrder': () =>
    expect(parseOrderId('x', data('trading.CancelStrategyOrder'))).toBeNull(),
  'trading.ClosePositions': () =>
    expect(() => parseItems('x', data('trading.ClosePositions'))).toThrow(refused('no_position')),
  'trading.EditOrder': () => expect(parseOrderId('x', data('trading.EditOrder'))).toBe('121212121212'),
  'trading.EditStrategyOrder': () =>
    expect(parseOrderId('x', data('trading.EditStrategyOrder'))).toBe('121211212122'),
  'trading.GetClosedOrders': () =>
    expect(parseOrderPage('x', data('trading.GetClosedOrders'))).toMatchObject({
      cursor: '1233319323918499840',
      orders: [
        {
          // Hedge mode: what closes a long says that it is not reduce-only.
          ...{ side: 'sell', reduceOnly: true, type: 'limit', price: '49534.4', size: '0.429' },
          ...{ status: 'filled', filledSize: '0.429', clientOrderId: null, reason: null },
        },
      ],
    }),
  'trading.GetClosedStrategyOrders': () =>
    expect(parseStrategyOrderPage(data('trading.GetClosedStrategyOrders'))).toMatchObject({
      orders: [{ ...STRATEGY, clientOrderId: null, status: 'triggered' }],
      cursor: '1233319323918499840',
    }),
  'trading.GetOpenOrders': () =>
    expect(parseOrderPage('x', data('trading.GetOpenOrders')).orders).toMatchObject([
      { side: 'buy', reduceOnly: false, status: 'open', price: '45000', size: '0.01', filledSize: '0' },
    ]),
  'trading.GetOpenStrategyOrders': () =>
    expect(parseWaitingStrategyOrders(data('trading.GetOpenStrategyOrders'))).toMatchObject([
      { ...STRATEGY, status: 'open' },
    ]),
  'trading.GetOrder': () =>
    expect(parseOrder(data('trading.GetOrder'))).toMatchObject({
      ...{ symbol: 'ETHUSDT', side: 'buy', type: 'market', size: null, price: null },
      ...{ reduceOnly: false, status: 'filled', filledSize: '0.0372', ts: 1730295766691 },
    }),
  'trading.GetPositionHistory': () =>
    expect(answered('trading.GetPositionHistory')).toMatchObject({ list: [{ symbol: 'EOSUSDT' }] }),
  'trading.GetPositions': () =>
    expect(parsePositions(data('trading.GetPositions'))).toEqual([
      {
        symbol: 'BTCUSDT',
        direction: 'long',
        size: '119.2068',
        cost: '12954679.7832',
        leverage: 3,
        marginMode: 'cross',
        liquidationPrice: '43099.9',
      },
    ]),
  'trading.GetUserTrades': () =>
    expect(parseFillPage(data('trading.GetUserTrades'))).toMatchObject({
      cursor: '131111111111111111',
      fills: [
        {
          ...{ fillId: '131111111111111111', side: 'sell', fee: '0.6417006', feeCoin: 'USDT' },
          ...{ realisedPnl: '-0.002', liquidity: 'taker', source: null, cursor: 1750141421721 },
        },
      ],
    }),
  'trading.PlaceOrder': () => expect(parseOrderId('x', data('trading.PlaceOrder'))).toBe('121211212122'),
  'trading.PlaceStrategyOrder': () =>
    expect(parseOrderId('x', data('trading.PlaceStrategyOrder'))).toBe('121211212122'),
};

/** Of calls that are not made: the envelope is read. */
const answered = (name: string): unknown =>
  readAnswer({ call: name, status: 200, body: readPayload('v3', name).body }).data;

test('[BIT-9] every payload of the unified API that is documented is among those that are parsed here', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual(payloadNames('v3').sort());
});

test.each(payloadNames('v3'))('[BIT-9] %s of the unified API is read as what it is', (name) => {
  expect(EXPECTED[name]).toBeDefined();
  EXPECTED[name]?.();
});
