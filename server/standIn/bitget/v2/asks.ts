import { type Decimal, isPositive, isZero, ZERO } from '../../../../shared/domain/decimal.ts';
import type { Leg, Place } from '../exchange/legs.ts';
import type { Attached, TriggerLeg } from '../exchange/records.ts';
import { Refused } from '../exchange/refusal.ts';
import type { StrategyAsk } from '../exchange/strategies.ts';
import type { Ask, Trader } from '../exchange/trader.ts';
import type { Params, PrivateCall } from '../http/call.ts';
import { symbolOf } from '../v3/marketRoutes.ts';
import { mustBeUsdt } from './marketRoutes.ts';

const SIDES = ['buy', 'sell'] as const;

export function askOf(call: PrivateCall): Ask {
  const { params } = call;
  mustBeUsdt(params);
  params.must('marginCoin');
  const type = params.mustBeOneOf('orderType', ['limit', 'market']);
  const qty = params.mustBeDecimal('size');
  if (!isPositive(qty)) throw new Refused('min_qty', 'Parameter size error');
  return {
    symbol: symbolOf(call),
    ...whatOf(call),
    marginMode:
      params.mustBeOneOf('marginMode', ['isolated', 'crossed']) === 'crossed' ? 'cross' : 'isolated',
    type,
    qty,
    price: type === 'limit' ? params.mustBeDecimal('price') : null,
    timeInForce: params.oneOf('force', ['gtc', 'ioc', 'fok', 'post_only']) ?? 'gtc',
    clientOid: params.text('clientOid'),
    attached: attachedOf(params),
  };
}

/** In hedge mode `side` is the position's, and `tradeSide` says whether it opens or closes. */
export function whatOf({ params, user }: PrivateCall): { leg: Leg; side: 'buy' | 'sell'; closes: boolean } {
  const side = params.mustBeOneOf('side', SIDES);
  const tradeSide = params.oneOf('tradeSide', ['open', 'close']);
  const isHedge = user.trader.settings.holdMode === 'hedge_mode';
  if (isHedge !== (tradeSide !== undefined))
    throw new Refused(
      'side_mismatch',
      'The order type for unilateral position must also be the unilateral position type',
    );
  if (!isHedge) return { leg: 'net', side, closes: params.text('reduceOnly')?.toUpperCase() === 'YES' };
  const leg = side === 'buy' ? 'long' : 'short';
  const closes = tradeSide === 'close';
  const opposite = side === 'buy' ? 'sell' : 'buy';
  return { leg, side: closes ? opposite : side, closes };
}

export function attachedOf(params: Params, prefix = 'preset'): Attached | null {
  const leg = (name: string): TriggerLeg | null => {
    const price = params.decimal(`${prefix}${name}Price`);
    if (price === undefined || isZero(price)) return null;
    const limit = params.decimal(`${prefix}${name}ExecutePrice`) ?? null;
    return { price, by: 'last', limit: limit === null || isZero(limit) ? null : limit };
  };
  const takeProfit = leg('StopSurplus');
  const stopLoss = leg('StopLoss');
  return takeProfit === null && stopLoss === null ? null : { takeProfit, stopLoss };
}

/** The position a TP/SL order is of: named by its direction, in one-way mode by the side that opened it. */
export function placeOfHold(
  trader: Trader,
  symbol: string,
  holdSide: string,
): Place & { side: 'buy' | 'sell' } {
  const isHedge = trader.settings.holdMode === 'hedge_mode';
  const allowed = isHedge ? ['long', 'short'] : ['buy', 'sell', 'long', 'short'];
  if (!allowed.includes(holdSide)) throw new Refused('side_mismatch', 'Parameter holdSide error');
  const isLong = holdSide === 'long' || holdSide === 'buy';
  const leg: Leg = isHedge ? (isLong ? 'long' : 'short') : 'net';
  const held = [...trader.books.positions.values()].find(
    (position) => position.symbol === symbol && position.leg === leg,
  );
  if (held === undefined || (held.direction === 'long') !== isLong)
    throw new Refused('no_stop_position', 'Insufficient position, can not set profit or stop loss');
  return { symbol, leg, marginMode: held.marginMode, side: isLong ? 'sell' : 'buy' };
}

export function legOf(
  params: Params,
  names: { price: string; by: string; limit: string },
): TriggerLeg | null {
  const price = params.decimal(names.price);
  if (price === undefined) return null;
  const limit = params.decimal(names.limit);
  const by = params.oneOf(names.by, ['fill_price', 'mark_price']) === 'mark_price' ? 'mark' : 'last';
  return { price, by, limit: limit === undefined || isZero(limit) ? null : limit };
}

export const PLAN_LEG = { price: 'triggerPrice', by: 'triggerType', limit: 'executePrice' };

const PLAN_TYPES = ['profit_plan', 'loss_plan', 'pos_profit', 'pos_loss', 'moving_plan'] as const;

export function tpslAskOf(call: PrivateCall): StrategyAsk {
  const { params, user } = call;
  mustBeUsdt(params);
  const symbol = symbolOf(call);
  const planType = params.mustBeOneOf('planType', PLAN_TYPES);
  if (planType === 'moving_plan') throw new Refused('parameter', 'moving_plan is not kept here');
  const mode = planType.startsWith('pos_') ? 'full' : 'partial';
  params.must('triggerPrice');
  const leg = legOf(params, PLAN_LEG);
  const isStop = planType.endsWith('loss') || planType === 'loss_plan';
  const qty: Decimal = mode === 'full' ? ZERO : params.mustBeDecimal('size');
  return {
    ...placeOfHold(user.trader, symbol, params.must('holdSide')),
    kind: 'tpsl',
    mode,
    qty,
    takeProfit: isStop ? null : leg,
    stopLoss: isStop ? leg : null,
    trigger: null,
    closes: true,
    clientOid: params.text('clientOid'),
  };
}
