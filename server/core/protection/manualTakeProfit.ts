import { type Decimal, isZero, lt, min, roundToStep, sub } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Direction, Position } from '../../../shared/domain/position.ts';
import { type AccountState, openOrders } from '../desk.ts';
import { HAND_SLOT } from '../fold/countExitFailures.ts';
import { requestCancel } from '../order/submit.ts';
import type { Turn } from '../turn/turn.ts';
import { isBroughtToFlat } from './beingClosed.ts';
import { isCloseDue } from './closeDue.ts';
import { isAhead, placeable, placeTarget, showWaits, type Target } from './targets.ts';

/**
 * Keeps the take-profit of a position by hand at the venue: a reduce-only limit order for the whole position, placed
 * anew when its price or the position's size changed. What is being closed is left alone; what is only held is not: a latch
 * or a breach on hold keeps out entries, and this is an exit.
 */
export function guardTakeProfit(turn: Turn, state: AccountState, position: Position): void {
  const { accountId, symbol } = position;
  const { takeProfitPrice } = position.protection;
  const instrument = turn.context.instrument(state.account.venue, symbol);
  if (takeProfitPrice === undefined || position.botId !== null || instrument === undefined) return;
  if (position.foreign === true || position.stop?.state === 'failed' || isCloseDue(turn, position)) return;
  if (isBroughtToFlat(turn.desk, state)) return;
  const target = targetOf(position, takeProfitPrice, instrument);
  if (isZero(target.size) || (lt(target.size, instrument.minSize) && target.size !== position.size)) return;
  const working = [...openOrders(turn.desk, accountId, symbol)];
  if (working.some((order) => order.purpose === 'close')) return;
  const resting = working.find((order) => order.purpose === 'take_profit');
  if (resting === undefined) {
    const wait = placeTarget(turn, state, position, instrument, target);
    showWaits(turn, accountId, symbol, wait === undefined ? [] : [wait]);
    return;
  }
  showWaits(turn, accountId, symbol, []);
  const mark = turn.context.quote(state.account.venue, symbol)?.mark;
  if (resting.venueOrderId !== null && isToBeReplaced(position.direction, resting, target, mark, instrument))
    requestCancel(turn, state, resting);
}

function targetOf(position: Position, price: Decimal, instrument: Instrument): Target {
  const whole = roundToStep(position.size, instrument.sizeStep, 'down');
  return {
    slot: HAND_SLOT,
    price: roundToStep(price, instrument.tickSize, position.direction === 'long' ? 'up' : 'down'),
    size: min(isZero(whole) ? position.size : whole, instrument.maxLimitSize),
  };
}

/** One at another price is not wanted any more; one of another size stays until a new one may take its place. */
function isToBeReplaced(
  direction: Direction,
  resting: Order,
  target: Target,
  mark: Decimal | undefined,
  instrument: Instrument,
): boolean {
  if (
    resting.price !== target.price &&
    (mark === undefined || !isAhead(resting, direction, target.price, mark))
  )
    return true;
  if (mark === undefined || sub(resting.size, resting.filledSize) === target.size) return false;
  return 'price' in placeable(direction, target.price, mark, instrument);
}
