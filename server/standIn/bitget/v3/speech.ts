import { mul } from '../../../../shared/domain/decimal.ts';
import { CANDLE_MS, rowAt } from '../exchange/candles.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { AccountEvent } from '../exchange/records.ts';
import type { Trader } from '../exchange/trader.ts';
import type { User } from '../exchange/user.ts';
import { booksOf } from '../sockets/depth.ts';
import type { Push, Speech, Topic } from '../sockets/speech.ts';
import { tickerFacts } from './marketRoutes.ts';
import { fillPush, orderPush, positionPush, strategyPush } from './render.ts';

const PRIVATE = ['account', 'position', 'order', 'fill', 'strategy-order'];
const BOOKS = ['books', 'books1', 'books5', 'books50'];

function topicOf(asked: Record<string, unknown>, exchange: Exchange): Topic | undefined {
  const arg = Object.fromEntries(
    Object.entries(asked).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const name = arg.topic ?? '';
  if (PRIVATE.includes(name))
    return arg.instType === 'UTA' ? { arg, name, symbol: '', isPrivate: true } : undefined;
  const symbol = arg.symbol ?? arg.instId ?? '';
  const isKnown =
    name === 'ticker' || BOOKS.includes(name) || (name === 'kline' && CANDLE_MS[arg.interval ?? '']);
  if (arg.instType !== 'usdt-futures' || !isKnown || exchange.prices.instrument(symbol) === undefined)
    return undefined;
  return { arg, name, symbol, isPrivate: false };
}

function accountRow({ trader }: User): object {
  const { money } = trader.read();
  const { bgb } = trader;
  const usdt = {
    debts: '0',
    balance: money.balance,
    available: money.available,
    borrow: '0',
    locked: '0',
    equity: money.equity,
    coin: 'USDT',
    usdValue: money.equity,
  };
  const others =
    bgb === '0'
      ? []
      : [
          {
            ...usdt,
            balance: bgb,
            available: bgb,
            equity: bgb,
            coin: 'BGB',
            usdValue: mul(bgb, '4' as typeof bgb),
          },
        ];
  return {
    unrealisedPnL: money.unrealised,
    totalEquity: money.equity,
    positionMgnRatio: '0',
    mmr: money.maintenance,
    effEquity: money.equity,
    imr: money.initial,
    mgnRatio: '0',
    coin: [usdt, ...others],
  };
}

/** What one event says on one topic. */
function rowOf(name: string, event: AccountEvent, user: User): object | undefined {
  const { trader } = user;
  if (event.kind === 'order' && name === 'order') return orderPush(trader, event.order);
  if (event.kind === 'fill' && name === 'fill') return fillPush(trader, event.fill);
  if (event.kind === 'strategy' && name === 'strategy-order') return strategyPush(trader, event.strategy);
  if (event.kind === 'position' && name === 'position') return positionPush(trader.view(event.position));
  if (event.kind === 'account' && name === 'account') return accountRow(user);
  return undefined;
}

const allPositions = (trader: Trader): object[] => trader.read().positions.map((held) => positionPush(held));

function marketRow({ name, symbol, arg }: Topic, exchange: Exchange): object {
  if (name === 'ticker') {
    const facts = tickerFacts(exchange, symbol);
    if (!exchange.switches.pushedTickersMarked) return facts;
    const { mark, index, fundingRate, nextFundingTime } = exchange.prices.quoteAt(symbol, exchange.now());
    return {
      ...facts,
      markPrice: mark,
      indexPrice: index,
      fundingRate,
      nextFundingTime: String(nextFundingTime),
    };
  }
  if (name === 'kline') return klineRow(exchange, symbol, arg.interval ?? '');
  const { bids, asks } = booksOf(exchange, symbol);
  return { a: asks, b: bids, seq: exchange.prices.stepTime, pseq: 0, ts: String(exchange.now()) };
}

function klineRow(exchange: Exchange, symbol: string, interval: string): object {
  const lengthMs = CANDLE_MS[interval] ?? CANDLE_MS['1m'] ?? 60_000;
  const start = Math.floor(exchange.now() / lengthMs) * lengthMs;
  const [at, open, high, low, close, volume, turnover] = rowAt(exchange, symbol, start, lengthMs);
  return { start: at, open, high, low, close, volume, turnover };
}

/** The sockets of the unified account. */
export const v3Speech: Speech = {
  family: 'v3',
  topicOf,
  first: (topic, exchange, user) => {
    const push = (data: unknown[]): Push => ({ action: 'snapshot', arg: topic.arg, data });
    if (!topic.isPrivate) return push([marketRow(topic, exchange)]);
    if (user === undefined) return undefined;
    if (topic.name === 'account') return push([accountRow(user)]);
    return topic.name === 'position' ? push(allPositions(user.trader)) : undefined;
  },
  // It says snapshot, and is none: a position that is missing is as it was.
  told: (topic, events, user) =>
    events.flatMap((event): Push[] => {
      const row = rowOf(topic.name, event, user);
      const arg = topic.name === 'strategy-order' ? { ...topic.arg, symbol: 'default' } : topic.arg;
      return row === undefined ? [] : [{ action: 'snapshot', arg, data: [row] }];
    }),
  market: (topic, exchange) => ({
    action: topic.name === 'kline' ? 'update' : 'snapshot',
    arg: topic.arg,
    data: [marketRow(topic, exchange)],
  }),
};
