import {
  add,
  type Decimal,
  isPositive,
  mul,
  mulDiv,
  neg,
  ONE,
  roundToStep,
  sub,
  ZERO,
} from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { VenuePosition } from '../../../ports/venue.ts';
import {
  configOf,
  type HeldPosition,
  isProtectiveStop,
  type LiveOrder,
  type MarketNow,
  mustInstrument,
  type SimulatedAccount,
} from './state.ts';

const asDecimal = (value: number): Decimal => String(value) as Decimal;

/** Margin that `notional` binds at `leverage`. */
export const initialMargin = (notional: Decimal, leverage: number): Decimal =>
  mulDiv(notional, ONE, asDecimal(leverage));

export function unrealised(position: HeldPosition, mark: Decimal): Decimal {
  const profit = sub(mul(position.size, mark), position.cost);
  return position.direction === 'long' ? profit : neg(profit);
}

export const maintenance = (position: HeldPosition, mark: Decimal, instrument: Instrument): Decimal =>
  mul(mul(position.size, mark), instrument.maintenanceMarginRate);

export const isIsolated = (state: SimulatedAccount, symbol: string): boolean =>
  configOf(state, symbol).marginMode === 'isolated';

export const positionMargin = (state: SimulatedAccount, position: HeldPosition): Decimal =>
  initialMargin(position.cost, configOf(state, position.symbol).leverage);

/** Margins set aside for isolated positions: out of reach of everything else. */
export function isolatedMargins(state: SimulatedAccount): Decimal {
  let total: Decimal = ZERO;
  for (const position of Object.values(state.positions)) {
    if (isIsolated(state, position.symbol)) total = add(total, positionMargin(state, position));
  }
  return total;
}

export const crossPositions = (state: SimulatedAccount): HeldPosition[] =>
  Object.values(state.positions).filter((position) => !isIsolated(state, position.symbol));

/** Equity behind the cross positions less the maintenance they need, all but `except`'s. At zero they are liquidated. */
export function crossExcess(state: SimulatedAccount, market: MarketNow, except?: string): Decimal {
  let excess = sub(state.balance, isolatedMargins(state));
  for (const position of crossPositions(state)) {
    if (position.symbol === except) continue;
    const mark = market.quote(position.symbol).mark;
    excess = add(excess, unrealised(position, mark));
    excess = sub(excess, maintenance(position, mark, mustInstrument(market, position.symbol)));
  }
  return excess;
}

/** What an open order would still add to exposure: notional, not counting what closes the position. */
function addedNotional(state: SimulatedAccount, market: MarketNow, order: LiveOrder): Decimal {
  if (order.reduceOnly) return ZERO;
  const price = order.price ?? order.triggerPrice ?? market.quote(order.symbol).mark;
  return mul(exposureAdded(state, order.symbol, order.side, sub(order.size, order.filledSize)), price);
}

/** The part of a new `size` on `side` that does not merely close the position. */
export function exposureAdded(
  state: SimulatedAccount,
  symbol: string,
  side: 'buy' | 'sell',
  size: Decimal,
): Decimal {
  const position = state.positions[symbol];
  if (position === undefined || (position.direction === 'long') === (side === 'buy')) return size;
  const rest = sub(size, position.size);
  return isPositive(rest) ? rest : ZERO;
}

/** Margin and fee that a new notional on `symbol` needs. */
export function orderCost(
  state: SimulatedAccount,
  market: MarketNow,
  symbol: string,
  notional: Decimal,
): Decimal {
  const fee = mulDiv(notional, mustInstrument(market, symbol).takerFeeRate, ONE);
  return add(initialMargin(notional, configOf(state, symbol).leverage), fee);
}

/** Balance that can still be bound: without margins of positions and orders, and without unrealised losses of cross. */
export function available(state: SimulatedAccount, market: MarketNow): Decimal {
  let free = state.balance;
  let crossProfit: Decimal = ZERO;
  for (const position of Object.values(state.positions)) {
    free = sub(free, positionMargin(state, position));
    if (!isIsolated(state, position.symbol)) {
      crossProfit = add(crossProfit, unrealised(position, market.quote(position.symbol).mark));
    }
  }
  for (const order of state.orders) {
    if (isProtectiveStop(order)) continue;
    const notional = addedNotional(state, market, order);
    if (notional !== ZERO) free = sub(free, orderCost(state, market, order.symbol, notional));
  }
  return isPositive(crossProfit) ? free : add(free, crossProfit);
}

/**
 * The mark at which the venue closes the position, other marks and the balance standing still; null: none above zero.
 * Rounded to the tick on the mark's side, so that the mark reaches it no later than the breach.
 */
export function liquidationPrice(
  state: SimulatedAccount,
  market: MarketNow,
  position: HeldPosition,
): Decimal | null {
  const instrument = mustInstrument(market, position.symbol);
  const rate = instrument.maintenanceMarginRate;
  const equity = isIsolated(state, position.symbol)
    ? positionMargin(state, position)
    : crossExcess(state, market, position.symbol);
  const long = position.direction === 'long';
  const value = long ? sub(position.cost, equity) : add(position.cost, equity);
  if (!isPositive(value)) return null;
  const divisor = mul(position.size, long ? sub(ONE, rate) : add(ONE, rate));
  const price = roundToStep(mulDiv(value, ONE, divisor, 18), instrument.tickSize, long ? 'up' : 'down');
  return isPositive(price) ? price : null;
}

export function positionView(
  state: SimulatedAccount,
  market: MarketNow,
  position: HeldPosition,
): VenuePosition {
  const config = configOf(state, position.symbol);
  return {
    ...position,
    leverage: config.leverage,
    marginMode: config.marginMode,
    liquidationPrice: liquidationPrice(state, market, position),
  };
}
