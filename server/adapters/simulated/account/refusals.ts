import type { VenueRefusal } from '../../../../shared/domain/cause.ts';
import {
  abs,
  type Decimal,
  gt,
  isMultipleOf,
  isPositive,
  lt,
  mul,
  sub,
} from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Side, TriggerBy } from '../../../../shared/domain/order.ts';
import type { PlaceOrder } from '../../../ports/venue.ts';
import { closingSide } from './ledger.ts';
import { available, exposureAdded, orderCost } from './margin.ts';
import { protectiveStops } from './orders.ts';
import type { VenueTurn } from './state.ts';
import { stopReached, triggerReference } from './stops.ts';

export interface Refusal {
  code: VenueRefusal;
  message: string;
}

/** Open orders and resting stops an account may have. */
export const MAX_OPEN_ORDERS = 400;
const CLIENT_ID_PATTERN = /^[.A-Z:/a-z0-9_-]{1,32}$/;
const refuse = (code: VenueRefusal, message: string): Refusal => ({ code, message });

export function checkTick(instrument: Instrument, price: Decimal): Refusal | undefined {
  if (!isPositive(price)) return refuse('tick', `price ${price} is not positive`);
  if (isMultipleOf(price, instrument.tickSize)) return undefined;
  return refuse('tick', `price ${price} is no multiple of ${instrument.tickSize}`);
}

export function checkSize(instrument: Instrument, size: Decimal, market: boolean): Refusal | undefined {
  const most = market ? instrument.maxMarketSize : instrument.maxLimitSize;
  if (!isPositive(size) || lt(size, instrument.minSize))
    return refuse('size', `size ${size} is below ${instrument.minSize}`);
  if (gt(size, most)) return refuse('size', `size ${size} is above ${most}`);
  if (isMultipleOf(size, instrument.sizeStep)) return undefined;
  return refuse('step', `size ${size} is no multiple of ${instrument.sizeStep}`);
}

export function checkBand(turn: VenueTurn, instrument: Instrument, price: Decimal): Refusal | undefined {
  const { mark } = turn.market.quote(instrument.symbol);
  if (!gt(abs(sub(price, mark)), mul(mark, instrument.priceBandRatio))) return undefined;
  return refuse(
    'price_band',
    `price ${price} is further than ${instrument.priceBandRatio} of the mark ${mark} away`,
  );
}

/** A stop must wait: on the wrong side of the price it would fire at once. */
export function checkStopSide(
  turn: VenueTurn,
  symbol: string,
  side: Side,
  trigger: Decimal,
  by: TriggerBy,
): Refusal | undefined {
  const price = triggerReference(turn.market.quote(symbol), by);
  if (!stopReached(side, trigger, price)) return undefined;
  return refuse('stop_direction', `a ${side} stop at ${trigger} has been reached already: ${by} is ${price}`);
}

/** What ends the whole position may be of any size: steps and minimums may have changed since it was opened. */
export function closesAll(
  turn: VenueTurn,
  order: Pick<PlaceOrder, 'symbol' | 'type' | 'reduceOnly' | 'size'>,
): boolean {
  const position = turn.state.positions[order.symbol];
  return order.reduceOnly && order.type !== 'limit' && position !== undefined && order.size === position.size;
}

export function checkOrder(turn: VenueTurn, order: PlaceOrder): Refusal | undefined {
  const instrument = turn.market.instrument(order.symbol);
  if (instrument === undefined) return refuse('other', `unknown symbol ${order.symbol}`);
  if (!CLIENT_ID_PATTERN.test(order.clientOrderId)) return refuse('other', 'malformed client order id');
  const { expiringOrders } = turn.profile.capabilities;
  if (expiringOrders && order.notAfter !== null && turn.now > order.notAfter) {
    return refuse('expired', `market time ${turn.now} is after ${order.notAfter}`);
  }
  const takesEntries = instrument.status === 'trading';
  if (instrument.status === 'halted' || (!takesEntries && !order.reduceOnly)) {
    return refuse('not_trading', `${order.symbol} is ${instrument.status}`);
  }
  if (turn.state.orders.length >= MAX_OPEN_ORDERS) {
    return refuse('rate_limited', `${MAX_OPEN_ORDERS} orders are open already`);
  }
  return (
    (closesAll(turn, order)
      ? checkMinima(turn, instrument, order)
      : checkSize(instrument, order.size, order.type !== 'limit')) ??
    checkPrices(turn, instrument, order) ??
    checkAttached(turn, instrument, order) ??
    (order.reduceOnly ? checkReduceOnly(turn, order) : checkEntry(turn, instrument, order))
  );
}

/** Where minima hold for what closes as well; a stop may always guard all of a position. */
function checkMinima(turn: VenueTurn, instrument: Instrument, order: PlaceOrder): Refusal | undefined {
  if (turn.profile.capabilities.minimaBindCloses !== true || order.type !== 'market') return undefined;
  if (lt(order.size, instrument.minSize))
    return refuse('size', `size ${order.size} is below ${instrument.minSize}`);
  const notional = mul(order.size, turn.market.quote(order.symbol).mark);
  if (!lt(notional, instrument.minNotional)) return undefined;
  return refuse('min_notional', `notional ${notional} is below ${instrument.minNotional}`);
}

function checkPrices(turn: VenueTurn, instrument: Instrument, order: PlaceOrder): Refusal | undefined {
  if (order.type === 'limit') {
    if (order.price === null) return refuse('other', 'a limit order needs a price');
    return checkTick(instrument, order.price) ?? checkBand(turn, instrument, order.price);
  }
  if (order.price !== null) return refuse('other', `a ${order.type} order takes no price`);
  if (order.timeInForce === 'post_only')
    return refuse('post_only', `a ${order.type} order cannot be post-only`);
  if (order.type === 'market') return undefined;
  if (order.triggerPrice === null || order.triggerBy === null)
    return refuse('other', 'a stop needs a trigger');
  return (
    checkTick(instrument, order.triggerPrice) ??
    checkStopSide(turn, order.symbol, order.side, order.triggerPrice, order.triggerBy)
  );
}

function checkAttached(turn: VenueTurn, instrument: Instrument, order: PlaceOrder): Refusal | undefined {
  const stop = order.attachedStop;
  if (stop === null) return undefined;
  if (order.reduceOnly || order.type === 'stop_market')
    return refuse('other', 'only an entry can carry a stop');
  const stopSide = order.side === 'buy' ? 'sell' : 'buy';
  const refusal = checkTick(instrument, stop.triggerPrice);
  if (refusal !== undefined) return refusal;
  // What counts is the price at which the entry trades: its limit, when it rests.
  if (order.price !== null && stopReached(stopSide, stop.triggerPrice, order.price)) {
    return refuse(
      'stop_direction',
      `a ${stopSide} stop at ${stop.triggerPrice} does not protect an entry at ${order.price}`,
    );
  }
  if (order.price !== null) return undefined;
  return checkStopSide(turn, order.symbol, stopSide, stop.triggerPrice, stop.triggerBy);
}

function checkReduceOnly(turn: VenueTurn, order: PlaceOrder): Refusal | undefined {
  const position = turn.state.positions[order.symbol];
  if (position === undefined) return refuse('no_position', `no position in ${order.symbol}`);
  if (closingSide(position) !== order.side)
    return refuse('reduce_only', `${order.side} would add to a ${position.direction}`);
  if (order.type !== 'stop_market' || turn.profile.capabilities.positionStops === 'many') return undefined;
  if (protectiveStops(turn, order.symbol).length === 0) return undefined;
  return refuse('stop_exists', `the position in ${order.symbol} has its stop already`);
}

function checkEntry(turn: VenueTurn, instrument: Instrument, order: PlaceOrder): Refusal | undefined {
  const { state, market } = turn;
  const quote = market.quote(order.symbol);
  const price = order.price ?? order.triggerPrice ?? (order.side === 'buy' ? quote.ask : quote.bid);
  const notional = mul(order.size, price);
  if (lt(notional, instrument.minNotional)) {
    return refuse(
      'min_notional',
      `notional ${notional} is below ${instrument.minNotional} ${instrument.quoteCoin}`,
    );
  }
  const added = exposureAdded(state, order.symbol, order.side, order.size);
  if (!isPositive(added)) return undefined;
  const needed = orderCost(state, market, order.symbol, mul(added, price));
  const free = available(state, market);
  if (!gt(needed, free)) return undefined;
  return refuse('insufficient_balance', `needs ${needed} ${instrument.quoteCoin}, ${free} is available`);
}

export function checkClosing({ market, profile, state }: VenueTurn, symbol: string): Refusal | undefined {
  if (profile.capabilities.closesPosition !== true)
    return refuse('other', 'positions are closed by orders here');
  const status = market.instrument(symbol)?.status;
  if (status === undefined || status === 'halted') return refuse('not_trading', `${symbol} is ${status}`);
  if (state.positions[symbol] === undefined) return refuse('no_position', `no position in ${symbol}`);
  return undefined;
}

export function checkLeverage(instrument: Instrument, leverage: number): Refusal | undefined {
  if (Number.isInteger(leverage) && leverage >= 1 && leverage <= instrument.maxLeverage) return undefined;
  return refuse('leverage', `leverage must be between 1 and ${instrument.maxLeverage}`);
}
