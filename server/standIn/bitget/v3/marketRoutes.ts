import { div, mulDiv, ONE, scaleOf, sub } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import { CANDLE_MS, candleRows, dayStats } from '../exchange/candles.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { Refused } from '../exchange/refusal.ts';
import { open, type Params, type PublicCall, type Route } from '../http/call.ts';
import { Failure } from '../http/failure.ts';
import { CATEGORY } from './render.ts';

const MOST_BARS = 100;
const MOST_RECENT_BARS = 1_000;
const HISTORY_MS = 90 * 24 * 3_600_000;

const STATUS: Readonly<Record<Instrument['status'], string>> = {
  trading: 'online',
  close_only: 'limit_open',
  halted: 'limit_close',
  ended: 'offline',
};

export function mustBeFutures(params: Params): void {
  const category = params.must('category');
  if (category !== CATEGORY) throw new Refused('parameter', `Parameter category error: ${category}`);
}

/** Categories that have nothing to trade here. */
const OTHERS = ['SPOT', 'MARGIN', 'COIN-FUTURES', 'USDC-FUTURES'];

/** The symbols that are asked for: none of another category. */
function symbolsAsked(call: PublicCall): string[] {
  if (OTHERS.includes(call.params.must('category'))) return [];
  mustBeFutures(call.params);
  return call.params.text('symbol') === undefined ? call.exchange.prices.symbols : [symbolOf(call)];
}

export function symbolOf({ exchange, params }: PublicCall): string {
  const symbol = params.must('symbol');
  if (exchange.prices.instrument(symbol) === undefined)
    throw new Refused('symbol', `Parameter ${symbol} does not exist`);
  return symbol;
}

function instrumentRow(exchange: Exchange, symbol: string): object {
  const facts = exchange.prices.instrument(symbol);
  if (facts === undefined) throw new Refused('symbol', 'Parameter symbol does not exist');
  return {
    symbol,
    category: CATEGORY,
    baseCoin: facts.baseCoin,
    quoteCoin: facts.quoteCoin,
    isRwa: 'NO',
    buyLimitPriceRatio: facts.priceBandRatio,
    sellLimitPriceRatio: facts.priceBandRatio,
    feeRateUpRatio: '0.005',
    makerFeeRate: facts.makerFeeRate,
    takerFeeRate: facts.takerFeeRate,
    openCostUpRatio: '0.01',
    minOrderQty: facts.minSize,
    maxOrderQty: facts.maxLimitSize,
    pricePrecision: String(scaleOf(facts.tickSize)),
    quantityPrecision: String(scaleOf(facts.sizeStep)),
    quotePrecision: '',
    priceMultiplier: facts.tickSize,
    quantityMultiplier: facts.sizeStep,
    type: 'perpetual',
    minOrderAmount: facts.minNotional,
    maxSymbolOrderNum: '',
    maxProductOrderNum: '400',
    maxPositionNum: '200',
    status: STATUS[facts.status],
    offTime: '-1',
    limitOpenTime: '-1',
    deliveryTime: '',
    deliveryStartTime: '',
    deliveryPeriod: '',
    launchTime: '0',
    fundInterval: '8',
    minLeverage: '1',
    maxLeverage: String(facts.maxLeverage),
    maintainTime: '',
    symbolType: 'crypto',
    maxMarketOrderQty: facts.maxMarketSize,
  };
}

/** What ticker and its push have in common. */
export function tickerFacts(exchange: Exchange, symbol: string): Record<string, string> {
  const quote = exchange.prices.quoteAt(symbol, exchange.now());
  const day = dayStats(exchange, symbol);
  const depth = exchange.prices.depth(symbol);
  return {
    lastPrice: quote.last,
    openPrice24h: day.open,
    highPrice24h: day.high,
    lowPrice24h: day.low,
    ask1Price: quote.ask,
    bid1Price: quote.bid,
    bid1Size: depth,
    ask1Size: depth,
    price24hPcnt: div(sub(quote.last, day.open), day.open, 5),
    volume24h: day.volume,
    turnover24h: day.turnover,
  };
}

function tickerRow(exchange: Exchange, symbol: string): object {
  const quote = exchange.prices.quoteAt(symbol, exchange.now());
  return {
    category: CATEGORY,
    symbol,
    ts: String(exchange.now()),
    ...tickerFacts(exchange, symbol),
    indexPrice: quote.index,
    markPrice: quote.mark,
    fundingRate: quote.fundingRate,
    openInterest: mulDiv(exchange.prices.depth(symbol), '100' as typeof ONE, ONE),
    deliveryStartTime: '',
    deliveryTime: '',
    deliveryStatus: '',
  };
}

function candles(call: PublicCall, kind: 'recent' | 'history'): unknown {
  const { exchange, params } = call;
  mustBeFutures(params);
  const symbol = symbolOf(call);
  const lengthMs = CANDLE_MS[params.must('interval')];
  if (lengthMs === undefined) throw new Refused('parameter', 'Parameter interval error');
  const start = params.number('startTime');
  const end = params.number('endTime');
  const most = kind === 'history' ? MOST_BARS : MOST_RECENT_BARS;
  if (kind === 'history' && start !== undefined && (end ?? exchange.now()) - start > HISTORY_MS)
    throw new Refused('parameter', 'The time range is longer than 90 days');
  const limit = Math.min(params.number('limit') ?? 100, most);
  return candleRows(exchange, { symbol, lengthMs, start, end, limit, withOpen: kind === 'recent' });
}

const time = (path: string, isThere: (shown: string) => boolean): Route =>
  open(path, ({ exchange }) => {
    if (!isThere(exchange.switches.v3TimePath)) throw new Failure('40404', 'Request URL NOT FOUND', 404);
    return { serverTime: String(exchange.now()) };
  });

export const v3MarketRoutes: readonly Route[] = [
  time('/api/v3/public/time', (shown) => shown !== 'market'),
  time('/api/v3/market/time', (shown) => shown !== 'public'),
  open('/api/v3/market/instruments', (call) =>
    symbolsAsked(call).map((symbol) => instrumentRow(call.exchange, symbol)),
  ),
  open('/api/v3/market/tickers', (call) =>
    symbolsAsked(call).map((symbol) => tickerRow(call.exchange, symbol)),
  ),
  open('/api/v3/market/candles', (call) => candles(call, 'recent')),
  open('/api/v3/market/history-candles', (call) => candles(call, 'history')),
  open('/api/v3/market/current-fund-rate', (call) => {
    const symbol = symbolOf(call);
    const quote = call.exchange.prices.quoteAt(symbol, call.exchange.now());
    return [
      {
        symbol,
        fundingRate: quote.fundingRate,
        fundingRateInterval: '8',
        nextUpdate: String(quote.nextFundingTime),
        minFundingRate: '-0.003',
        maxFundingRate: '0.003',
      },
    ];
  }),
  open('/api/v3/market/history-fund-rate', (call) => {
    mustBeFutures(call.params);
    const symbol = symbolOf(call);
    return { resultList: pastFunding(call.exchange, symbol) };
  }),
  open('/api/v3/market/position-tier', (call) => {
    mustBeFutures(call.params);
    const facts = call.exchange.prices.instrument(symbolOf(call));
    return [
      {
        tier: '1',
        minTierValue: '0',
        maxTierValue: '1000000000',
        leverage: String(facts?.maxLeverage ?? 1),
        mmr: facts?.maintenanceMarginRate ?? '0',
      },
    ];
  }),
];

const EIGHT_HOURS = 8 * 3_600_000;

interface PastFunding {
  symbol: string;
  fundingRate: string;
  fundingRateTimestamp: string;
}

export function pastFunding(exchange: Exchange, symbol: string): PastFunding[] {
  const last = Math.floor(exchange.now() / EIGHT_HOURS) * EIGHT_HOURS;
  return Array.from({ length: 20 }, (_, back) => {
    const at = last - back * EIGHT_HOURS;
    const { fundingRate } = exchange.prices.quoteAt(symbol, at - EIGHT_HOURS / 2);
    return { symbol, fundingRate, fundingRateTimestamp: String(at) };
  });
}
