import type { MarginMode } from '../../../../shared/domain/account.ts';
import { type Decimal, isPositive, ZERO } from '../../../../shared/domain/decimal.ts';
import type { Leg } from '../exchange/legs.ts';
import type { Attached, TriggerLeg } from '../exchange/records.ts';
import { Refused } from '../exchange/refusal.ts';
import type { StrategyAsk } from '../exchange/strategies.ts';
import type { Ask } from '../exchange/trader.ts';
import type { User } from '../exchange/user.ts';
import type { Params, PrivateCall } from '../http/call.ts';
import { Failure } from '../http/failure.ts';
import { mustBeFutures, symbolOf } from './marketRoutes.ts';

const SIDES = ['buy', 'sell'] as const;
const POS_SIDES = ['long', 'short'] as const;

export function askOf(call: PrivateCall): Ask {
  const { params, user } = call;
  mustBeFutures(params);
  mustBeReady(user);
  const side = params.mustBeOneOf('side', SIDES);
  const type = params.mustBeOneOf('orderType', ['limit', 'market']);
  const qty = params.mustBeDecimal('qty');
  if (!isPositive(qty)) throw new Refused('min_qty', 'Parameter qty error');
  return {
    symbol: symbolOf(call),
    ...whatOf(call, side),
    marginMode: marginModeOf(user, params),
    side,
    type,
    qty,
    price: type === 'limit' ? params.mustBeDecimal('price') : null,
    timeInForce: params.oneOf('timeInForce', ['gtc', 'ioc', 'fok', 'post_only']) ?? 'gtc',
    clientOid: params.text('clientOid'),
    attached: attachedOf(params),
  };
}

/** Which position it is of, and whether it can only close. */
function whatOf({ params, user }: PrivateCall, side: 'buy' | 'sell'): { leg: Leg; closes: boolean } {
  const posSide = params.oneOf('posSide', POS_SIDES);
  const reduceOnly = params.text('reduceOnly')?.toLowerCase() === 'yes';
  const { trader } = user;
  if (posSide !== undefined && reduceOnly && trader.switches.reduceOnlyWithPosSide === 'refused')
    throw new Refused('side_mismatch', 'reduceOnly cannot be given with posSide');
  if (trader.settings.holdMode === 'one_way_mode') return { leg: 'net', closes: reduceOnly };
  if (posSide === undefined) throw new Refused('side_mismatch', 'posSide is needed in hedge mode');
  return { leg: posSide, closes: (posSide === 'long') === (side === 'sell') };
}

function marginModeOf({ accountLevel }: User, params: Params): MarginMode {
  const mode = params.oneOf('marginMode', ['crossed', 'isolated']) ?? 'crossed';
  if (accountLevel === 'isolated' && mode === 'crossed')
    throw new Refused('parameter', 'this account level takes isolated margin only');
  if (accountLevel === 'delta' && mode === 'isolated')
    throw new Refused('parameter', 'this account level takes crossed margin only');
  return mode === 'crossed' ? 'cross' : 'isolated';
}

export function mustBeReady({ accountMode }: User): void {
  if (accountMode === 'upgrading' || accountMode === 'switching')
    throw new Failure('25245', `the account is ${accountMode}`);
}

type LegName = 'tp' | 'sl';
const FIELDS = { tp: 'takeProfit', sl: 'stopLoss' } as const;

export function legOf(params: Params, name: LegName): TriggerLeg | null {
  const price = params.decimal(FIELDS[name]);
  if (price === undefined) return null;
  const by = params.oneOf(`${name}TriggerBy`, ['market', 'mark']) ?? 'market';
  const isLimit = params.oneOf(`${name}OrderType`, ['market', 'limit']) === 'limit';
  const limit = isLimit ? params.mustBeDecimal(`${name}LimitPrice`) : null;
  return { price, by: by === 'mark' ? 'mark' : 'last', limit };
}

export function attachedOf(params: Params): Attached | null {
  const takeProfit = legOf(params, 'tp');
  const stopLoss = legOf(params, 'sl');
  return takeProfit === null && stopLoss === null ? null : { takeProfit, stopLoss };
}

export function triggerOf(params: Params): TriggerLeg | null {
  const price = params.decimal('triggerPrice');
  if (price === undefined) return null;
  const isLimit = params.oneOf('triggerOrderType', ['market', 'limit']) === 'limit';
  return {
    price,
    by: params.oneOf('triggerBy', ['market', 'mark']) === 'mark' ? 'mark' : 'last',
    limit: isLimit ? params.mustBeDecimal('triggerOrderPrice') : null,
  };
}

export function strategyAskOf(call: PrivateCall): StrategyAsk {
  const { params, user } = call;
  mustBeFutures(params);
  mustBeReady(user);
  const { trader } = user;
  const symbol = symbolOf(call);
  const kind = params.oneOf('type', ['tpsl', 'trigger']) ?? 'tpsl';
  const posSide = params.oneOf('posSide', POS_SIDES);
  const isHedge = trader.settings.holdMode === 'hedge_mode';
  if (isHedge && posSide === undefined) throw new Refused('side_mismatch', 'posSide is needed in hedge mode');
  const leg: Leg = isHedge ? (posSide ?? 'net') : 'net';
  const held = [...trader.books.positions.values()].find(
    (position) => position.symbol === symbol && position.leg === leg,
  );
  const marginMode = held?.marginMode ?? marginModeOf(user, params);
  const closing = (held?.direction ?? posSide) === 'short' ? 'buy' : 'sell';
  const side = kind === 'tpsl' ? (params.oneOf('side', SIDES) ?? closing) : params.mustBeOneOf('side', SIDES);
  const reduceOnly = params.text('reduceOnly')?.toLowerCase() === 'yes';
  const qty: Decimal = params.decimal('qty') ?? ZERO;
  const mode = params.oneOf('tpslMode', ['full', 'partial']) ?? (isPositive(qty) ? 'partial' : 'full');
  const takeProfit = legOf(params, 'tp');
  const stopLoss = legOf(params, 'sl');
  const trigger = kind === 'trigger' ? triggerOf(params) : null;
  if (kind === 'tpsl' && takeProfit === null && stopLoss === null)
    throw new Refused('parameter', 'Parameter takeProfit, stopLoss cannot be empty');
  if (kind === 'trigger' && trigger === null)
    throw new Refused('parameter', 'Parameter triggerPrice cannot be empty');
  if ((kind === 'trigger' || mode === 'partial') && !isPositive(qty))
    throw new Refused('parameter', 'Parameter qty error');
  return {
    ...{ symbol, leg, marginMode, kind, side, takeProfit, stopLoss, trigger },
    mode: kind === 'trigger' ? 'partial' : mode,
    qty: mode === 'full' && kind === 'tpsl' ? ZERO : qty,
    closes: kind === 'tpsl' || (isHedge ? (posSide === 'long') === (side === 'sell') : reduceOnly),
    clientOid: params.text('clientOid'),
  };
}
