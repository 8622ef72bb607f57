import { type Decimal, max, min } from '../../../../shared/domain/decimal.ts';
import { crossPositions, isIsolated, liquidationPrice } from './margin.ts';
import { isRestingStop, type MarketNow, type SimulatedAccount } from './state.ts';

/** Prices strictly between which nothing of an account in one symbol happens; null: no such price on that side. */
export interface WakeRange {
  /** True: something can happen at any price. */
  always: boolean;
  low: Decimal | null;
  high: Decimal | null;
}

/** Per symbol, what prices the account waits for, so that idle steps cost two comparisons. */
export function wakeRanges(state: SimulatedAccount, market: MarketNow): Map<string, WakeRange> {
  const ranges = new Map<string, WakeRange>();
  const range = (symbol: string): WakeRange => {
    const known = ranges.get(symbol) ?? { always: false, low: null, high: null };
    ranges.set(symbol, known);
    return known;
  };
  const atOrBelow = (symbol: string, price: Decimal): void => {
    const known = range(symbol);
    known.low = known.low === null ? price : max(known.low, price);
  };
  const atOrAbove = (symbol: string, price: Decimal): void => {
    const known = range(symbol);
    known.high = known.high === null ? price : min(known.high, price);
  };
  for (const order of state.orders) {
    if (isRestingStop(order) && order.triggerPrice !== null) {
      (order.side === 'sell' ? atOrBelow : atOrAbove)(order.symbol, order.triggerPrice);
    } else if (order.type === 'limit' && order.price !== null) {
      (order.side === 'buy' ? atOrBelow : atOrAbove)(order.symbol, order.price);
    } else {
      range(order.symbol).always = true;
    }
  }
  const sharedMargin = crossPositions(state).length > 1;
  for (const position of Object.values(state.positions)) {
    const known = range(position.symbol);
    if (sharedMargin && !isIsolated(state, position.symbol)) {
      known.always = true;
      continue;
    }
    const price = liquidationPrice(state, market, position);
    if (price !== null) (position.direction === 'long' ? atOrBelow : atOrAbove)(position.symbol, price);
  }
  return ranges;
}
