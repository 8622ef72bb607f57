import { because, type Cause } from '../../../shared/domain/cause.ts';
import { type Decimal, gt, gte, lt, lte, max, roundToStep } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { type Order, opposite } from '../../../shared/domain/order.ts';
import type { Direction, Position } from '../../../shared/domain/position.ts';

/** Slot of stops that were adopted from elsewhere: they trigger by what their owner chose. */
const ADOPTED_SLOT = '';

/**
 * Why a stop that rests at the venue does not protect this position, whatever its price: null when it does. No amending
 * mends it.
 */
export function stopFault(
  position: Pick<Position, 'direction'>,
  order: Pick<Order, 'side' | 'type' | 'reduceOnly' | 'triggerBy' | 'slot'>,
): Cause | null {
  const side = opposite(position.direction === 'long' ? 'buy' : 'sell');
  if (order.type !== 'stop_market') return because('stop_wrong_type', {});
  if (order.side !== side) return because('stop_wrong_side', { side: order.side });
  if (!order.reduceOnly) return because('stop_may_open', {});
  // Null: nobody has said.
  if (order.slot !== ADOPTED_SLOT && order.triggerBy === 'last') return because('stop_wrong_trigger', {});
  return null;
}

/** The mark has passed the trigger: a stop there would fire at once, and venues refuse it. */
export function isCrossed(direction: Direction, trigger: Decimal, mark: Decimal): boolean {
  return direction === 'long' ? lte(mark, trigger) : gte(mark, trigger);
}

/** Whether a stop at `trigger` gives away more than one at `wanted`. */
export function isLooser(direction: Direction, trigger: Decimal, wanted: Decimal): boolean {
  return direction === 'long' ? lt(trigger, wanted) : gt(trigger, wanted);
}

/** A stop that is ours: one that somebody else placed is theirs until it is adopted. */
export const isOwnStop = (order: Order): boolean => order.purpose === 'stop' && order.foreign !== true;

/** Whether a stop is the position's own and was not seen when it was asked for. */
export const isDoubted = (position: Pick<Position, 'stop'>, stop: Order): boolean =>
  position.stop?.state === 'triggered' && position.stop.orderId === stop.orderId;

/** Whether an order is a stop of ours for this position that is known to rest and is to stay. */
export function isSound(position: Pick<Position, 'direction' | 'botId'>, order: Order): boolean {
  const rests = order.venueOrderId !== null && !order.cancelRequested && order.botId === position.botId;
  return isOwnStop(order) && rests && stopFault(position, order) === null;
}

/** On the instrument's ticks of today, never looser. */
export function onTick(direction: Direction, trigger: Decimal, instrument: Instrument | undefined): Decimal {
  if (instrument === undefined) return trigger;
  return roundToStep(trigger, instrument.tickSize, direction === 'long' ? 'up' : 'down');
}

/** Size of a stop for the whole position, as the steps and the minimum of today take it: what is over reduces nothing. */
export function stopSize(position: Pick<Position, 'size'>, instrument: Instrument | undefined): Decimal {
  if (instrument === undefined) return position.size;
  return roundToStep(max(position.size, instrument.minSize), instrument.sizeStep, 'up');
}
