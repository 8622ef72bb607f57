import {
  abs,
  type Decimal,
  dec,
  div,
  gt,
  isMultipleOf,
  isPositive,
  lt,
  min,
  mul,
  sub,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import type { OrderEffect } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, limitsOver, openOrders, positionOf } from '../desk.ts';
import { denial, statusDenial } from '../rules/refusal.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { checkExposure } from './checkExposure.ts';
import { checkProtection, checkProtectsNothing } from './checkProtection.ts';
import { addedSize, entriesOf, sizeAhead } from './incoming.ts';
import { scopesOver, toldScope } from './limitScope.ts';
import type { OrderProposal } from './proposal.ts';
import { effectOf, type ResultingPosition, resultingPosition } from './resulting.ts';
import { symbolDenials } from './symbolDenials.ts';

export interface OrderCheck {
  denials: Denial[];
  /** What it would cost; ZERO where it cannot be known. Margin: of what it adds beyond flat. */
  notional: Decimal;
  margin: Decimal;
  fee: Decimal;
  /** Null where it cannot be known: no price, or no such symbol. */
  effect: OrderEffect | null;
  /** What it leads to once it filled whole; null: flat, or not known. */
  position: ResultingPosition | null;
}

const HUNDRED = dec('100');
const NOTHING = { notional: ZERO, margin: ZERO, fee: ZERO, effect: null, position: null };

/** Every check, in one place. Anything that cannot be known denies. An empty list of denials allows. */
export function checkOrder(turn: Turn, state: AccountState, order: OrderProposal): OrderCheck {
  const { venue, accountId } = state.account;
  const instrument = turn.context.instrument(venue, order.symbol);
  if (instrument === undefined) {
    return { denials: [denial('symbol_known', { symbol: order.symbol, venue })], ...NOTHING };
  }
  const denials = checkSize(order, instrument);
  if (!isPositive(order.size)) return { denials, ...NOTHING };
  const quote = turn.context.quote(venue, order.symbol);
  const held = positionOf(turn.desk, accountId, order.symbol);
  if (order.reduceOnly) denials.push(...checkReduces(order, held));
  if (quote === undefined) {
    // What only takes exposure away needs no price to be judged by.
    if (order.reduceOnly) denials.push(...checkProtectsNothing(order));
    else
      denials.push(
        ...checkStatus(turn, venue, order.symbol),
        denial('fresh_price', { symbol: order.symbol }),
      );
    return { denials, ...NOTHING };
  }
  const price = order.price ?? (order.side === 'buy' ? quote.ask : quote.bid);
  const left = sub(order.size, order.replaces?.filledSize ?? ZERO);
  const ahead = sizeAhead(entriesOf(turn, state, order.replaces), order.symbol, order.side);
  const added = order.reduceOnly ? ZERO : addedSize(held, order.side, ahead, left);
  const value = mul(added, price);
  const opening = {
    value,
    margin: div(value, dec(String(order.leverage))),
    size: added,
    price,
    mark: quote.mark,
  };
  const notional = mul(order.size, price);
  // An exit at the market never waits for a better book; what would open at a price far off the mark does.
  if (order.type !== 'market') denials.push(...checkPrice(turn, state, order, instrument, quote));
  else if (isPositive(added)) denials.push(...checkBand(turn, state, instrument, quote, price));
  if (!order.reduceOnly)
    denials.push(...checkAccount(turn, state, order), ...checkLeast(notional, instrument));
  if (isPositive(added)) {
    denials.push(
      ...checkExposure(turn, state, order, instrument, opening),
      ...checkProtection(turn, state, instrument, order, opening),
    );
  } else denials.push(...checkProtectsNothing(order));
  return {
    denials,
    notional,
    margin: opening.margin,
    fee: mul(notional, instrument.takerFeeRate),
    effect: effectOf(held, order, left),
    position: resultingPosition(instrument, held, order, left, price),
  };
}

/** Venues ask it of everything that is not reduce-only. */
export function checkLeast(notional: Decimal, { minNotional, quoteCoin }: Instrument): Denial[] {
  if (!lt(notional, minNotional)) return [];
  return [denial('minimum_notional', { actual: notional, allowed: minNotional, coin: quoteCoin })];
}

function checkReduces(order: OrderProposal, position: Position | undefined): Denial[] {
  const isLong = order.side === 'buy';
  if (position !== undefined && (position.direction === 'long') !== isLong) return [];
  return [denial('reduce_only_position', { side: order.side })];
}

function checkSize(order: OrderProposal, instrument: Instrument): Denial[] {
  const found: Denial[] = [];
  const { size } = order;
  const { sizeStep, minSize } = instrument;
  if (!isPositive(size)) return [denial('size_positive', { actual: size })];
  if (!isMultipleOf(size, sizeStep)) found.push(denial('size_step', { actual: size, allowed: sizeStep }));
  if (lt(size, minSize) && !order.reduceOnly)
    found.push(denial('size_minimum', { actual: size, allowed: minSize }));
  const largest = order.type === 'market' ? instrument.maxMarketSize : instrument.maxLimitSize;
  if (gt(size, largest)) found.push(denial('size_maximum', { actual: size, allowed: largest }));
  return found;
}

function checkPrice(
  turn: Turn,
  state: AccountState,
  order: OrderProposal,
  instrument: Instrument,
  quote: Quote,
): Denial[] {
  const { price } = order;
  if (price === null || !isPositive(price)) {
    return [denial('price_required', {})];
  }
  const found: Denial[] = [];
  if (!isMultipleOf(price, instrument.tickSize)) {
    found.push(denial('price_tick', { of: 'order', actual: price, allowed: instrument.tickSize }));
  }
  return [...found, ...checkBand(turn, state, instrument, quote, price)];
}

/** Within the narrowest of the instrument's band, the account's and the book's. */
function checkBand(
  turn: Turn,
  state: AccountState,
  instrument: Instrument,
  quote: Quote,
  price: Decimal,
): Denial[] {
  const bandPct = limitsOver(turn.desk, state)
    .flatMap(({ values }) => values.priceBandPct ?? [])
    .reduce(min, mul(instrument.priceBandRatio, HUNDRED));
  const distancePct = div(mul(abs(sub(price, quote.mark)), HUNDRED), quote.mark, 4);
  if (!gt(distancePct, bandPct)) return [];
  return [denial('price_band', { price, mark: quote.mark, actual: distancePct, allowed: bandPct })];
}

function checkStatus(turn: Turn, venue: string, symbol: string): Denial[] {
  const status = turn.context.instrument(venue, symbol)?.status;
  return status === undefined || status === 'trading' ? [] : [statusDenial(symbol, status)];
}

function checkAccount(turn: Turn, state: AccountState, order: OrderProposal): Denial[] {
  const { account } = state;
  const found = symbolDenials(turn, state, order.symbol, order.botId);
  found.push(...checkStatus(turn, account.venue, order.symbol));
  // An amendment is no further order.
  if (order.replaces !== undefined) return found;
  found.push(...checkRate(turn, state));
  const working = [...openOrders(turn.desk, account.accountId)].length;
  const most = turn.context.settings.maxOpenOrdersPerAccount;
  if (working >= most) found.push(denial('open_orders', { actual: working, allowed: most }));
  return found;
}

function checkRate(turn: Turn, state: AccountState): Denial[] {
  return scopesOver(turn.desk, state).flatMap((scope) => {
    const rate = scope.limits.values.maxOrdersPerMinute;
    const times = scope.accounts.flatMap(({ orderTimes }) => orderTimes);
    const recent = times.filter((ts) => !hasPassed(turn, ts, 60_000)).length;
    if (rate === null || recent < rate) return [];
    return [denial('order_rate', { actual: recent, allowed: rate, scope: toldScope(scope) })];
  });
}
