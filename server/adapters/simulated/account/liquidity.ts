import {
  add,
  type Decimal,
  gt,
  max,
  mul,
  roundToStep,
  sub,
  ZERO,
} from '../../../../shared/domain/decimal.ts';
import type { Side } from '../../../../shared/domain/order.ts';
import { mustInstrument, type VenueTurn } from './state.ts';

/** Price levels behind the best one that a step offers, itself included; each holds the path's depth. */
export const DEPTH_LEVELS = 5;
/** Distance between levels as a fraction of the price, rounded up to the tick. */
const LEVEL_GAP = '0.0002' as Decimal;

export interface Level {
  price: Decimal;
  size: Decimal;
}

const bookKey = (symbol: string, side: Side, kind: 'taker' | 'maker'): string => `${symbol}/${side}/${kind}`;

/** What a taker on `side` finds in this step, best price first, less what the account took in it before. */
export function takerLevels(turn: VenueTurn, symbol: string, side: Side): Level[] {
  const quote = turn.market.quote(symbol);
  const depth = turn.market.depth(symbol);
  const { tickSize } = mustInstrument(turn.market, symbol);
  const gap = roundToStep(mul(quote.mark, LEVEL_GAP), tickSize, 'up');
  let used = turn.taken.get(bookKey(symbol, side, 'taker')) ?? ZERO;
  let price = side === 'buy' ? quote.ask : quote.bid;
  const levels: Level[] = [];
  for (let level = 0; level < DEPTH_LEVELS && gt(price, ZERO); level++) {
    if (gt(depth, used)) levels.push({ price, size: sub(depth, used) });
    used = max(sub(used, depth), ZERO);
    price = side === 'buy' ? add(price, gap) : sub(price, gap);
  }
  return levels;
}

/** What others still trade against the account's resting orders of `side` in this step. */
export function makerLiquidity(turn: VenueTurn, symbol: string, side: Side): Decimal {
  const used = turn.taken.get(bookKey(symbol, side, 'maker')) ?? ZERO;
  return max(sub(turn.market.depth(symbol), used), ZERO);
}

export function recordTaken(
  turn: VenueTurn,
  symbol: string,
  side: Side,
  kind: 'taker' | 'maker',
  size: Decimal,
): void {
  const key = bookKey(symbol, side, kind);
  turn.taken.set(key, add(turn.taken.get(key) ?? ZERO, size));
}
