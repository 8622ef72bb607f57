import { CANDLE_MS, rowAt } from '../exchange/candles.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { AccountEvent, PositionRecord } from '../exchange/records.ts';
import type { User } from '../exchange/user.ts';
import { booksOf } from '../sockets/depth.ts';
import type { Push, Speech, Topic } from '../sockets/speech.ts';
import { tickerPush } from './marketRoutes.ts';
import { planPush } from './plans.ts';
import { accountPush, fillPush, orderPush, PRODUCT, positionPush } from './render.ts';

const PRIVATE = ['account', 'positions', 'orders', 'fill', 'orders-algo'];
const BOOKS = ['books', 'books1', 'books5', 'books15'];
const CANDLE = 'candle';

function topicOf(asked: Record<string, unknown>, exchange: Exchange): Topic | undefined {
  const arg = Object.fromEntries(
    Object.entries(asked).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const name = arg.channel ?? '';
  const instId = arg.instId ?? '';
  if (arg.instType !== PRODUCT) return undefined;
  // The account's pushes name it `default`, whatever coin was asked for.
  if (name === 'account')
    return arg.coin === undefined ? undefined : { arg, name, symbol: '', isPrivate: true };
  if (PRIVATE.includes(name))
    return { arg, name, symbol: instId === 'default' ? '' : instId, isPrivate: true };
  const isKnown =
    name === 'ticker' || BOOKS.includes(name) || CANDLE_MS[name.replace(CANDLE, '')] !== undefined;
  return isKnown && exchange.prices.instrument(instId) !== undefined
    ? { arg, name, symbol: instId, isPrivate: false }
    : undefined;
}

const accountArg = (topic: Topic): Record<string, string> => ({ ...topic.arg, coin: 'default' });

/** All that is open: what is missing has ended, unless ends are told as such. */
function positions(topic: Topic, user: User, changed: PositionRecord | undefined): Push {
  const { trader } = user;
  const open = [...trader.books.positions.values()].map((held) => trader.view(held));
  const told =
    changed?.size === '0' && trader.switches.v2PositionEnd === 'zero'
      ? [...open, trader.view(changed)]
      : open;
  const shown = told.filter(({ symbol }) => topic.symbol === '' || topic.symbol === symbol);
  return { action: 'snapshot', arg: topic.arg, data: shown.map(positionPush) };
}

function toldOf(topic: Topic, event: AccountEvent, user: User): Push | undefined {
  const push = (data: object, arg = topic.arg): Push => ({ action: 'snapshot', arg, data: [data] });
  const { name } = topic;
  const isHere = (symbol: string): boolean => topic.symbol === '' || topic.symbol === symbol;
  if (event.kind === 'account' && name === 'account')
    return push(accountPush(user.trader.read().money), accountArg(topic));
  if (event.kind === 'position' && name === 'positions')
    return isHere(event.position.symbol) ? positions(topic, user, event.position) : undefined;
  if (event.kind === 'order' && name === 'orders')
    return isHere(event.order.symbol) ? push(orderPush(event.order)) : undefined;
  if (event.kind === 'fill' && name === 'fill')
    return isHere(event.fill.symbol) ? push(fillPush(user.trader, event.fill)) : undefined;
  if (event.kind === 'strategy' && name === 'orders-algo')
    return isHere(event.strategy.symbol) ? push(planPush(event.strategy)) : undefined;
  return undefined;
}

function marketRow({ name, symbol }: Topic, exchange: Exchange): unknown {
  if (name === 'ticker') return tickerPush(exchange, symbol);
  const lengthMs = CANDLE_MS[name.replace(CANDLE, '')];
  if (lengthMs !== undefined && name.startsWith(CANDLE)) {
    const row = rowAt(exchange, symbol, Math.floor(exchange.now() / lengthMs) * lengthMs, lengthMs);
    // One more than REST: the volume in USDT.
    return [...row, row[6]];
  }
  return { ...booksOf(exchange, symbol), seq: exchange.prices.stepTime, ts: String(exchange.now()) };
}

/** The sockets of the classic account. */
export const v2Speech: Speech = {
  family: 'v2',
  topicOf,
  first: (topic, exchange, user) => {
    if (!topic.isPrivate) return { action: 'snapshot', arg: topic.arg, data: [marketRow(topic, exchange)] };
    if (user === undefined) return undefined;
    if (topic.name === 'account')
      return { action: 'snapshot', arg: accountArg(topic), data: [accountPush(user.trader.read().money)] };
    return topic.name === 'positions' ? positions(topic, user, undefined) : undefined;
  },
  told: (topic, events, user) =>
    events.flatMap((event) => {
      const push = toldOf(topic, event, user);
      return push === undefined ? [] : [push];
    }),
  market: (topic, exchange) => ({
    action: topic.name.startsWith(CANDLE) ? 'update' : 'snapshot',
    arg: topic.arg,
    data: [marketRow(topic, exchange)],
  }),
};
