import type { Account, Limits, Valuation } from '../../shared/domain/account.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import type { BotNote } from '../../shared/domain/botNote.ts';
import { add, type Decimal, dec, decFromFloat, mul, neg, sub, ZERO } from '../../shared/domain/decimal.ts';
import type { Fill, Trade } from '../../shared/domain/fill.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import { type Candle, INTERVAL_MS, type Interval } from '../../shared/domain/market.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { Position } from '../../shared/domain/position.ts';

/** Things of a desk for the scripted server: whole, valid, and as plain as a test can use them. */
const market = (symbol: string, baseCoin: string, tickSize: string, sizeStep: string): Instrument => ({
  venue: 'sim',
  symbol,
  baseCoin,
  quoteCoin: 'USDT',
  status: 'trading',
  tickSize: dec(tickSize),
  sizeStep: dec(sizeStep),
  minSize: dec(sizeStep),
  maxLimitSize: dec('100000'),
  maxMarketSize: dec('10000'),
  minNotional: dec('5'),
  maxLeverage: 50,
  makerFeeRate: dec('0.0002'),
  takerFeeRate: dec('0.0006'),
  maintenanceMarginRate: dec('0.005'),
  priceBandRatio: dec('0.05'),
  simulated: true,
});

export const INSTRUMENTS: Instrument[] = [
  market('BTCUSDT', 'BTC', '0.1', '0.001'),
  market('ETHUSDT', 'ETH', '0.01', '0.01'),
  market('SOLUSDT', 'SOL', '0.001', '0.1'),
  market('XRPUSDT', 'XRP', '0.0001', '1'),
  market('DOGEUSDT', 'DOGE', '0.00001', '1'),
];
export const PRICES: Record<string, number> = {
  BTCUSDT: 64_250.5,
  ETHUSDT: 3_120.44,
  SOLUSDT: 148.212,
  XRPUSDT: 0.5123,
  DOGEUSDT: 0.12417,
};
export const priceOf = (symbol: string): Decimal => decFromFloat(PRICES[symbol] ?? 1, 5);

/** A wave that ends at the symbol's price: something a chart can show. */
export function candlesOf(symbol: string, interval: Interval, now: number, count: number): Candle[] {
  const length = INTERVAL_MS[interval];
  const base = PRICES[symbol] ?? 1;
  const at = (index: number): number =>
    base * (1 + 0.006 * Math.sin(index / 9) + 0.003 * Math.sin(index / 3.1) - 0.00004 * index);
  const last = now - (now % length);
  return Array.from({ length: count }, (_, position) => {
    const index = count - 1 - position;
    const [open, close] = [at(index + 1), index === 0 ? base : at(index)];
    return {
      openTime: last - index * length,
      open: decFromFloat(open, 5),
      high: decFromFloat(Math.max(open, close) * 1.0008, 5),
      low: decFromFloat(Math.min(open, close) * 0.9992, 5),
      close: decFromFloat(close, 5),
      volume: decFromFloat(20 + 10 * Math.abs(Math.sin(index)), 3),
    };
  });
}

export const accountOf = (accountId: string, name: string, now: number): Account => ({
  accountId,
  name,
  venue: 'sim',
  book: 'simulated',
  leverage: 2,
  marginMode: 'isolated',
  status: 'ready',
  statusReason: null,
  latch: null,
  foreign: null,
  balances: { USDT: dec('10000') },
  deposit: dec('10000'),
  version: 1,
  createdAt: now,
});

export const limitsOf = (accountId: string, now: number): Limits => ({
  accountId,
  values: {
    dailyLoss: dec('500'),
    dailyLossPolicy: 'flatten',
    drawdownPct: dec('20'),
    drawdownPolicy: 'flatten',
    maxLeverage: 10,
    maxPositions: 5,
    maxOrderNotional: null,
    maxTotalNotional: null,
    maxOrdersPerMinute: 60,
    priceBandPct: dec('5'),
    liquidationMarginPct: dec('1'),
    cooldownAfterStopMs: null,
  },
  pending: null,
  timeZone: 'UTC',
  dayStart: { ts: now, equity: dec('10000'), wallTs: now, dayOf: now },
  peakEquity: dec('10000'),
  breaches: [],
  version: 1,
});

export function positionOf(bot: Bot, size: string, now: number): Position {
  const amount = dec(size);
  const price = priceOf(bot.symbol);
  const cost = mul(amount, mul(price, dec('0.996')));
  return {
    accountId: bot.accountId,
    symbol: bot.symbol,
    botId: bot.botId,
    direction: 'long',
    size: amount,
    cost,
    openedSize: amount,
    openedCost: cost,
    closedSize: ZERO,
    closedValue: ZERO,
    realisedPnl: ZERO,
    fees: mul(cost, dec('0.0006')),
    funding: ZERO,
    leverage: bot.leverage,
    marginMode: bot.marginMode,
    liquidationPrice: mul(price, dec('0.55')),
    openedAt: now,
    stop: { state: 'attached', orderId: null, triggerPrice: mul(price, dec('0.985')), size: amount },
    protection: {
      stopLossPct: dec('1.5'),
      trailing: null,
      breakEvenAtPct: null,
      breakEvenDone: false,
      takeProfits: [],
      waits: [],
      exits: [],
      partialsTaken: [],
      close: null,
    },
    unprotectedSince: null,
    unprotectedMs: 0,
    updatedAt: now,
  };
}

let fillCount = 0;

export function fillOf(
  position: Position,
  side: 'buy' | 'sell',
  source: Fill['source'],
  now: number,
  realisedPnl: Decimal = ZERO,
): Fill {
  fillCount += 1;
  const price = priceOf(position.symbol);
  return {
    fillId: `f${fillCount}`,
    orderId: `o${fillCount}`,
    venueOrderId: `v${fillCount}`,
    accountId: position.accountId,
    botId: position.botId,
    symbol: position.symbol,
    side,
    price,
    size: position.size,
    fee: mul(mul(price, position.size), dec('0.0006')),
    realisedPnl,
    liquidity: 'taker',
    source,
    ts: now,
    ingestedAt: now,
  };
}

export function tradeOf(position: Position, exit: Trade['exit'], now: number): Trade {
  const exitPrice = priceOf(position.symbol);
  const realisedPnl = sub(mul(exitPrice, position.size), position.cost);
  fillCount += 1;
  return {
    tradeId: `t${fillCount}`,
    accountId: position.accountId,
    botId: position.botId,
    symbol: position.symbol,
    direction: position.direction,
    size: position.openedSize,
    entryPrice: mul(exitPrice, dec('0.996')),
    exitPrice,
    realisedPnl,
    fees: position.fees,
    funding: ZERO,
    netPnl: sub(realisedPnl, position.fees),
    openedAt: position.openedAt,
    closedAt: now,
    exit,
  };
}

export const stopOrderOf = (position: Position, now: number): Order => ({
  orderId: `stop-${position.symbol}`,
  venueOrderId: `vs-${position.symbol}`,
  accountId: position.accountId,
  botId: position.botId,
  symbol: position.symbol,
  side: 'sell',
  type: 'stop_market',
  purpose: 'stop',
  slot: '',
  size: position.size,
  price: null,
  triggerPrice: position.stop?.triggerPrice ?? null,
  triggerBy: 'mark',
  timeInForce: 'gtc',
  reduceOnly: true,
  attachedStop: null,
  status: 'open',
  cancelRequested: false,
  unanswered: false,
  shownAt: null,
  filledSize: ZERO,
  filledNotional: ZERO,
  feePaid: ZERO,
  reason: null,
  notAfter: null,
  createdAt: now,
  updatedAt: now,
});

/** The fixture's market is so far ahead of the wall, as a market at 60× soon is, ms. */
export const MARKET_AHEAD_MS = 5 * 86_400_000;

export function valuationOf(account: Account, positions: readonly Position[], now: number): Valuation {
  const marks = positions.map((position) => {
    const mark = priceOf(position.symbol);
    const value = sub(mul(mark, position.size), position.cost);
    const unrealisedPnl = position.direction === 'long' ? value : neg(value);
    return { symbol: position.symbol, mark, unrealisedPnl, botId: position.botId };
  });
  const balance = account.balances.USDT ?? ZERO;
  const unrealisedPnl = marks.reduce((sum, { unrealisedPnl: part }) => add(sum, part), ZERO);
  const marginUsed = positions.reduce((sum, { cost }) => add(sum, mul(cost, dec('0.5'))), ZERO);
  const equity = add(balance, unrealisedPnl);
  return {
    accountId: account.accountId,
    equity,
    unrealisedPnl,
    marginUsed,
    available: sub(equity, marginUsed),
    positions: marks,
    ts: now + MARKET_AHEAD_MS,
    wallTs: now,
  };
}

/** What a bot that is long says of it, with the price that it sees now. */
export const holdsAt = (now: string): BotNote => ({
  code: 'holds',
  figures: { direction: 'long', entry: dec('63993.5'), now: dec(now), profit: dec('-1.1') },
});
