import { type Decimal, div, mul, roundToStep, scaleOf, sub } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import { CANDLE_MS, candleRows, dayStats } from '../exchange/candles.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { Refused } from '../exchange/refusal.ts';
import { open, type Params, type PublicCall, type Route } from '../http/call.ts';
import { pastFunding, symbolOf } from '../v3/marketRoutes.ts';
import { PRODUCT } from './render.ts';

const MOST_RECENT = 1_000;
const MOST_PAST = 200;

const STATUS: Readonly<Record<Instrument['status'], string>> = {
  trading: 'normal',
  close_only: 'limit_open',
  halted: 'maintain',
  ended: 'off',
};

export function mustBeUsdt(params: Params): void {
  const product = params.must('productType');
  if (product.toUpperCase() !== PRODUCT) throw new Refused('parameter', 'Parameter productType error');
}

/** Products that have nothing to trade here. */
const OTHERS = ['USDC-FUTURES', 'COIN-FUTURES', 'SUSDT-FUTURES', 'SUSDC-FUTURES', 'SCOIN-FUTURES'];

function symbolsAsked(call: PublicCall): string[] {
  if (OTHERS.includes(call.params.must('productType').toUpperCase())) return [];
  mustBeUsdt(call.params);
  return call.params.text('symbol') === undefined ? call.exchange.prices.symbols : [symbolOf(call)];
}

function contractRow(exchange: Exchange, symbol: string): object {
  const facts = exchange.prices.instrument(symbol);
  if (facts === undefined) throw new Refused('symbol', 'Parameter symbol does not exist');
  const places = scaleOf(facts.tickSize);
  return {
    symbol,
    baseCoin: facts.baseCoin,
    quoteCoin: facts.quoteCoin,
    buyLimitPriceRatio: facts.priceBandRatio,
    sellLimitPriceRatio: facts.priceBandRatio,
    feeRateUpRatio: '0.005',
    makerFeeRate: facts.makerFeeRate,
    takerFeeRate: facts.takerFeeRate,
    openCostUpRatio: '0.01',
    supportMarginCoins: ['USDT'],
    minTradeNum: facts.minSize,
    // The tick is so many of the last place.
    priceEndStep: roundToStep(
      mul(facts.tickSize, `1${'0'.repeat(places)}` as Decimal),
      '1' as Decimal,
      'nearest',
    ),
    volumePlace: String(scaleOf(facts.sizeStep)),
    pricePlace: String(places),
    sizeMultiplier: facts.sizeStep,
    symbolType: 'perpetual',
    minTradeUSDT: facts.minNotional,
    maxSymbolOrderNum: '200',
    maxProductOrderNum: '400',
    maxPositionNum: '150',
    symbolStatus: STATUS[facts.status],
    offTime: '-1',
    limitOpenTime: '-1',
    deliveryTime: '',
    deliveryStartTime: '',
    launchTime: '',
    fundInterval: '8',
    minLever: '1',
    maxLever: String(facts.maxLeverage),
    posLimit: '0.05',
    maintainTime: '',
    maxMarketOrderQty: facts.maxMarketSize,
  };
}

export function tickerRow(exchange: Exchange, symbol: string): Record<string, string> {
  const quote = exchange.prices.quoteAt(symbol, exchange.now());
  const day = dayStats(exchange, symbol);
  const depth = exchange.prices.depth(symbol);
  const change = div(sub(quote.last, day.open), day.open, 5);
  return {
    symbol,
    lastPr: quote.last,
    askPr: quote.ask,
    bidPr: quote.bid,
    bidSz: depth,
    askSz: depth,
    high24h: day.high,
    low24h: day.low,
    ts: String(exchange.now()),
    change24h: change,
    baseVolume: day.volume,
    quoteVolume: day.turnover,
    usdtVolume: day.turnover,
    openUtc: day.open,
    changeUtc24h: change,
    indexPrice: quote.index,
    fundingRate: quote.fundingRate,
    holdingAmount: mul(depth, '100' as Decimal),
    deliveryStartTime: '',
    deliveryTime: '',
    deliveryStatus: '',
    open24h: day.open,
    markPrice: quote.mark,
  };
}

export function tickerPush(exchange: Exchange, symbol: string): object {
  const row = tickerRow(exchange, symbol);
  const { nextFundingTime, mark } = exchange.prices.quoteAt(symbol, exchange.now());
  const names = ['lastPr', 'bidPr', 'askPr', 'bidSz', 'askSz', 'open24h', 'high24h', 'low24h', 'change24h'];
  const more = ['fundingRate', 'indexPrice', 'holdingAmount', 'baseVolume', 'quoteVolume', 'openUtc', 'ts'];
  return {
    instId: symbol,
    ...Object.fromEntries([...names, ...more].map((name) => [name, row[name]])),
    nextFundingTime: String(nextFundingTime),
    markPrice: mark,
    symbolType: 1,
    symbol,
    deliveryPrice: '0',
  };
}

function candles(call: PublicCall, kind: 'recent' | 'history'): unknown {
  const { params, exchange } = call;
  mustBeUsdt(params);
  const symbol = symbolOf(call);
  const lengthMs = CANDLE_MS[params.must('granularity')];
  if (lengthMs === undefined) throw new Refused('parameter', 'Parameter granularity error');
  const most = kind === 'recent' ? MOST_RECENT : MOST_PAST;
  const asked = params.number('limit') ?? 100;
  if (asked > most) throw new Refused('parameter', 'Parameter limit error');
  const start = params.number('startTime');
  const end = params.number('endTime');
  return candleRows(exchange, { symbol, lengthMs, start, end, limit: asked, withOpen: kind === 'recent' });
}

export const v2MarketRoutes: readonly Route[] = [
  open('/api/v2/public/time', ({ exchange }) => ({ serverTime: String(exchange.now()) })),
  open('/api/v2/mix/market/contracts', (call) =>
    symbolsAsked(call).map((symbol) => contractRow(call.exchange, symbol)),
  ),
  open('/api/v2/mix/market/ticker', (call) => {
    mustBeUsdt(call.params);
    return [tickerRow(call.exchange, symbolOf(call))];
  }),
  open('/api/v2/mix/market/tickers', (call) =>
    symbolsAsked(call).map((symbol) => tickerRow(call.exchange, symbol)),
  ),
  open('/api/v2/mix/market/symbol-price', (call) => {
    const symbol = symbolOf(call);
    const { last, index, mark } = call.exchange.prices.quoteAt(symbol, call.exchange.now());
    const ts = String(call.exchange.now());
    return [{ symbol, price: last, indexPrice: index, markPrice: mark, ts }];
  }),
  open('/api/v2/mix/market/candles', (call) => candles(call, 'recent')),
  open('/api/v2/mix/market/history-candles', (call) => candles(call, 'history')),
  open('/api/v2/mix/market/query-position-lever', (call) => {
    const symbol = symbolOf(call);
    const facts = call.exchange.prices.instrument(symbol);
    return [
      {
        symbol,
        level: '1',
        startUnit: '0',
        endUnit: '1000000000',
        leverage: String(facts?.maxLeverage ?? 1),
        keepMarginRate: facts?.maintenanceMarginRate ?? '0',
      },
    ];
  }),
  open('/api/v2/mix/market/current-fund-rate', (call) => {
    const symbol = symbolOf(call);
    const { fundingRate, nextFundingTime } = call.exchange.prices.quoteAt(symbol, call.exchange.now());
    return [{ symbol, fundingRate, fundingRateInterval: '8', nextUpdate: String(nextFundingTime) }];
  }),
  open('/api/v2/mix/market/history-fund-rate', (call) =>
    pastFunding(call.exchange, symbolOf(call)).map(({ symbol, fundingRate, fundingRateTimestamp }) => ({
      symbol,
      fundingRate,
      fundingTime: fundingRateTimestamp,
    })),
  ),
];
