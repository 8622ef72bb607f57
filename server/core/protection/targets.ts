import type { Cause } from '../../../shared/domain/cause.ts';
import {
  add,
  type Decimal,
  dec,
  div,
  gt,
  lt,
  max,
  min,
  mul,
  roundToStep,
  sub,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Direction, Position, WaitingTarget } from '../../../shared/domain/position.ts';
import type { AccountState } from '../desk.ts';
import { isBackingOff, slotFailures } from '../order/exitFailures.ts';
import { submitOrder } from '../order/submit.ts';
import { isGain } from '../rules/priceSides.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/** Refusals in a row of one target before its owner is told and it is left alone. */
const ATTEMPTS = 3;
const ONE = dec('1');

/** A take-profit: a reduce-only limit order that is to rest at `price`. */
export interface Target {
  slot: string;
  price: Decimal;
  size: Decimal;
}

/**
 * At which price the venue takes the order of a target now, or from which mark on it does. One that the mark has left so
 * far behind that no order may be placed there goes to the nearest price that may: it fills at the market, which is better.
 */
export function placeable(
  direction: Direction,
  target: Decimal,
  mark: Decimal,
  { priceBandRatio: ratio, tickSize }: Instrument,
): { price: Decimal } | { restsFrom: Decimal } {
  const reach = mul(mark, ratio);
  if (direction === 'long') {
    if (gt(target, add(mark, reach)))
      return { restsFrom: roundToStep(div(target, add(ONE, ratio)), tickSize, 'up') };
    return { price: max(target, roundToStep(sub(mark, reach), tickSize, 'up')) };
  }
  if (lt(target, sub(mark, reach)))
    return { restsFrom: roundToStep(div(target, sub(ONE, ratio)), tickSize, 'down') };
  return { price: min(target, roundToStep(add(mark, reach), tickSize, 'down')) };
}

/** Whether an order lies beyond its target where the mark has come to: it fills at the market. */
export function isAhead({ price }: Order, direction: Direction, target: Decimal, mark: Decimal): boolean {
  return price !== null && isGain(direction, price, target) && !isGain(direction, price, mark);
}

/** Whether it lies beyond its target where the mark no longer is: placed there when it was. */
export function hasStrayed({ price }: Order, direction: Direction, target: Decimal, mark: Decimal): boolean {
  return price !== null && isGain(direction, price, target) && isGain(direction, price, mark);
}

/** Sends the order of a target, or says from which mark on it can be sent: what would be refused for certain is not. */
export function placeTarget(
  turn: Turn,
  state: AccountState,
  position: Position,
  instrument: Instrument,
  target: Target,
): WaitingTarget | undefined {
  const { slot, size, price: wanted } = target;
  const { symbol, direction, protection } = position;
  const mark = turn.context.quote(state.account.venue, symbol)?.mark;
  const known = protection.waits.find((wait) => wait.slot === slot && wait.price === wanted);
  // Without a price what waits goes on waiting; of anything else the venue is the judge.
  if (mark === undefined && known !== undefined) return known;
  const at = mark === undefined ? { price: wanted } : placeable(direction, wanted, mark, instrument);
  if ('restsFrom' in at) return { slot, price: wanted, restsFrom: at.restsFrom };
  const failures = slotFailures(turn.desk, position, slot);
  if (failures !== undefined && failures.count >= ATTEMPTS) {
    sayRefused(turn, position, target, failures.reason);
    return undefined;
  }
  const isReached = mark !== undefined && !isGain(direction, wanted, mark);
  if (isBackingOff(turn, failures, isReached)) return undefined;
  submitOrder(turn, state, {
    orderId: turn.id('tp', position.accountId, symbol, turn.desk.seq),
    botId: position.botId,
    symbol,
    side: direction === 'long' ? 'sell' : 'buy',
    type: 'limit',
    purpose: 'take_profit',
    slot,
    size,
    price: at.price,
    triggerPrice: null,
    timeInForce: 'gtc',
    reduceOnly: true,
    attachedStop: null,
  });
  return undefined;
}

function sayRefused(turn: Turn, position: Position, { price }: Target, cause: Cause): void {
  const { accountId, symbol, botId, stop } = position;
  raiseAlert(turn, {
    alertId: `take_profit:${accountId}:${symbol}`,
    severity: 'warning',
    code: 'take_profit_refused',
    figures: { symbol, price, cause, rest: stop === null ? 'nothing' : 'stop' },
    accountId,
    botId,
  });
}

/** Shows which targets wait, and for which mark; says nothing twice. */
export function showWaits(turn: Turn, accountId: string, symbol: string, waits: WaitingTarget[]): void {
  const position = turn.desk.positions.get(`${accountId}:${symbol}`);
  if (position === undefined) return;
  const isSame = (wait: WaitingTarget, index: number) => {
    const shown = position.protection.waits[index];
    return shown?.slot === wait.slot && shown.price === wait.price && shown.restsFrom === wait.restsFrom;
  };
  if (waits.length === position.protection.waits.length && waits.every(isSame)) return;
  // Nothing about its stop has changed: what waits for that goes by `updatedAt`.
  turn.emit('PositionChanged', {
    position: { ...position, protection: { ...position.protection, waits } },
    trade: null,
  });
}

/** Whether a target that waits can be placed at this mark. */
export function hasTargetToPlace(position: Position, mark: Decimal, instrument: Instrument): boolean {
  const { direction, protection } = position;
  return protection.waits.some(({ price }) => 'price' in placeable(direction, price, mark, instrument));
}
