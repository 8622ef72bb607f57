import {
  add,
  type Decimal,
  dec,
  div,
  gt,
  isMultipleOf,
  isPositive,
  lt,
  max,
  min,
  mul,
  sub,
} from '../../../shared/domain/decimal.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Direction, Position } from '../../../shared/domain/position.ts';
import { type AccountState, positionOf } from '../desk.ts';
import { isGain } from '../rules/priceSides.ts';
import { denial } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { entriesOf, type Incoming, incomingOf, isAdding } from './incoming.ts';
import { liquidationMarginPct } from './limitScope.ts';
import type { OrderProposal } from './proposal.ts';
import { worstLiquidation } from './resulting.ts';

const HUNDRED = dec('100');

/** A stop that is looked at, and whose it is: of the order itself, of the position, of another working order. */
interface LookedAt {
  of: 'this' | 'position' | 'order';
  price: Decimal;
}

/** What an order that adds exposure would open: the part beyond flat. */
export interface Opening {
  size: Decimal;
  /** Its limit, or what the market gives now. */
  price: Decimal;
  mark: Decimal;
}

/** The stops that may come to guard what results, and the take-profit of the order. */
export function checkProtection(
  turn: Turn,
  state: AccountState,
  instrument: Instrument,
  order: OrderProposal,
  opening: Opening,
): Denial[] {
  const direction = order.side === 'buy' ? 'long' : 'short';
  const held = positionOf(turn.desk, state.account.accountId, order.symbol);
  const guarded = held?.direction === direction ? held : undefined;
  const found = checkStopGiven(instrument, order, opening, direction, guarded);
  const own: Incoming = {
    side: order.side,
    size: opening.size,
    price: opening.price,
    worstEntry: opening.price,
    limit: order.price,
    stopPrice: found.length === 0 ? order.stopPrice : null,
  };
  found.push(
    ...checkStopsOfResult(turn, state, instrument, order, { own, held: guarded, mark: opening.mark }),
  );
  if (order.takeProfitPrice !== null) {
    const from = order.price ?? opening.mark;
    found.push(...checkTakeProfit(instrument, direction, order.takeProfitPrice, from));
    found.push(...checkOneTarget(turn, state, order, order.takeProfitPrice, guarded));
  }
  return found;
}

/** An order that opens nothing protects nothing: what it was given for that would be lost in silence. */
export function checkProtectsNothing({ stopPrice, takeProfitPrice }: OrderProposal): Denial[] {
  return stopPrice === null && takeProfitPrice === null ? [] : [denial('nothing_opened', {})];
}

function checkStopGiven(
  instrument: Instrument,
  order: OrderProposal,
  { price, mark }: Opening,
  direction: Direction,
  held: Position | undefined,
): Denial[] {
  const { stopPrice } = order;
  if (stopPrice === null) {
    if (order.botId === null) return [];
    return [denial('stop_required', {})];
  }
  // Where the position has one, that guards what is added as well; one amended was placed when there was none.
  if (held?.stop != null && order.replaces === undefined)
    return [denial('stop_exists', { held: held.stop.triggerPrice })];
  const from = direction === 'long' ? min(price, mark) : max(price, mark);
  return [...offTick('stop', instrument, stopPrice), ...checkStopSide(direction, stopPrice, from)];
}

/** Whatever of the working orders fills: each stop that may be the position's then must do its work before liquidation. */
function checkStopsOfResult(
  turn: Turn,
  state: AccountState,
  instrument: Instrument,
  order: OrderProposal,
  { own, held, mark }: { own: Incoming; held: Position | undefined; mark: Decimal },
): Denial[] {
  const direction = order.side === 'buy' ? 'long' : 'short';
  const marginPct = liquidationMarginPct(turn.desk, state);
  const entries = [own, ...entriesBeside(turn, state, order.symbol, direction, order.replaces)];
  const check = (stop: LookedAt, guards: readonly Incoming[]) => {
    const worst = worstLiquidation(instrument, direction, held, guards, order);
    return checkBeforeLiquidation(marginPct, direction, stop, mark, worst);
  };
  if (held?.stop != null) return check({ of: 'position', price: held.stop.triggerPrice }, entries);
  return entries.flatMap((entry) => {
    if (entry.stopPrice === null) return [];
    // One that fills before it brings the stop of the position along itself.
    const guards = entries.filter((other) => other === entry || !isGuardedBefore(direction, other, entry));
    return check({ of: entry === own ? 'this' : 'order', price: entry.stopPrice }, guards);
  });
}

function isGuardedBefore(direction: Direction, other: Incoming, entry: Incoming): boolean {
  if (other.stopPrice === null || entry.limit === null) return false;
  if (other.limit === null) return true;
  return direction === 'long' ? gt(other.limit, entry.limit) : lt(other.limit, entry.limit);
}

/** Working orders that may add to a position of `direction`. */
function entriesBeside(
  turn: Turn,
  state: AccountState,
  symbol: string,
  direction: Direction,
  replaces: OrderProposal['replaces'],
): Incoming[] {
  return entriesOf(turn, state, replaces)
    .filter((order) => order.symbol === symbol && isAdding({ direction }, order.side))
    .flatMap((order) => incomingOf(turn, state, order) ?? []);
}

/** A stop for an open position, set by hand: for what it is, and for what it becomes when its working orders fill. */
export function checkStopOfPosition(
  turn: Turn,
  state: AccountState,
  { instrument, mark }: { instrument: Instrument; mark: Decimal },
  position: Position,
  stopPrice: Decimal,
): Denial[] {
  const { direction, symbol } = position;
  const wrong = [...offTick('stop', instrument, stopPrice), ...checkStopSide(direction, stopPrice, mark)];
  if (wrong.length > 0) return wrong;
  const entries = entriesBeside(turn, state, symbol, direction, undefined);
  const worst = worstLiquidation(instrument, direction, position, entries, position);
  const marginPct = liquidationMarginPct(turn.desk, state);
  return checkBeforeLiquidation(marginPct, direction, { of: 'this', price: stopPrice }, mark, worst);
}

function offTick(of: 'stop' | 'take_profit', { tickSize }: Instrument, price: Decimal): Denial[] {
  if (isPositive(price) && isMultipleOf(price, tickSize)) return [];
  return [denial('price_tick', { of, actual: price, allowed: tickSize })];
}

/** On the losing side of `from`. */
function checkStopSide(direction: Direction, stopPrice: Decimal, from: Decimal): Denial[] {
  const isLong = direction === 'long';
  if (isLong ? lt(stopPrice, from) : gt(stopPrice, from)) return [];
  const bound = isLong ? 'below' : 'above';
  return [denial('stop_side', { direction, bound, actual: stopPrice, allowed: from })];
}

/** On the winning side of `from`, on the tick. */
export function checkTakeProfit(
  instrument: Instrument,
  direction: Direction,
  price: Decimal,
  from: Decimal,
): Denial[] {
  const off = offTick('take_profit', instrument, price);
  if (off.length > 0 || isGain(direction, price, from)) return off;
  const bound = direction === 'long' ? 'above' : 'below';
  return [denial('take_profit_side', { direction, bound, actual: price, allowed: from })];
}

/** A position has one target: what is added does not move the one that it has, or is to get, in silence. */
function checkOneTarget(
  turn: Turn,
  state: AccountState,
  order: OrderProposal,
  price: Decimal,
  held: Position | undefined,
): Denial[] {
  // One amended was placed when there was no other.
  if (order.replaces !== undefined) return [];
  const ofPosition = held?.protection.takeProfitPrice;
  let known = ofPosition;
  for (const other of entriesOf(turn, state, undefined))
    if (other.symbol === order.symbol && other.side === order.side) known ??= other.takeProfitPrice;
  if (known === undefined || known === price) return [];
  const limit = ofPosition === undefined ? 'take_profit_on_order' : 'take_profit_exists';
  return [denial(limit, { symbol: order.symbol, allowed: known })];
}

/** Before the liquidation price by `marginPct` of the mark. */
export function checkBeforeLiquidation(
  marginPct: Decimal,
  direction: Direction,
  { of, price }: LookedAt,
  mark: Decimal,
  liquidation: Decimal | null,
): Denial[] {
  if (liquidation === null) return [];
  const isLong = direction === 'long';
  const distance = div(mul(mark, marginPct), HUNDRED);
  const edge = isLong ? add(liquidation, distance) : sub(liquidation, distance);
  if (isLong ? gt(price, edge) : lt(price, edge)) return [];
  const bound = isLong ? 'above' : 'below';
  return [denial('stop_liquidation', { of, liquidation, bound, actual: price, allowed: edge })];
}
