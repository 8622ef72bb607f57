import { type Decimal, gt, isZero, lt, min, roundToStep, sub } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Direction, Position } from '../../../shared/domain/position.ts';
import { raiseAlert } from '../alerts.ts';
import { type AccountState, limitsOver, openOrders } from '../desk.ts';
import { refusedInARow } from '../order/lastClosed.ts';
import { requestCancel, submitOrder } from '../order/submit.ts';
import type { Turn } from '../turn.ts';
import { isCloseDue } from './closeDue.ts';

/** Slot of the take-profit of a position by hand. */
const SLOT = 'take_profit';
/** Refusals in a row at one price before the owner is told. */
const ATTEMPTS = 3;

/** Whether a take-profit lies where a position of this direction gains, seen from `from`. */
export function isGain(direction: Direction, price: Decimal, from: Decimal): boolean {
  return direction === 'long' ? gt(price, from) : lt(price, from);
}

/**
 * Keeps the take-profit of a position by hand at the venue: a reduce-only limit order for the whole position, placed
 * anew when its price or the position's size changed. What is being closed or is latched is left alone.
 */
export function guardTakeProfit(turn: Turn, state: AccountState, position: Position): void {
  const { takeProfitPrice } = position.protection;
  const instrument = turn.context.instrument(state.account.venue, position.symbol);
  if (takeProfitPrice === undefined || position.botId !== null || instrument === undefined) return;
  if (position.foreign === true || position.stop?.state === 'failed' || isCloseDue(turn, position)) return;
  if (state.account.latch !== null) return;
  if (limitsOver(turn.desk, state).some(({ breaches }) => breaches.length > 0)) return;
  const wanted = wantedOrder(position, takeProfitPrice, instrument);
  if (isZero(wanted.size) || (lt(wanted.size, instrument.minSize) && wanted.size !== position.size)) return;
  const working = [...openOrders(turn.desk, position.accountId, position.symbol)];
  if (working.some((order) => order.purpose === 'close')) return;
  const resting = working.find((order) => order.purpose === 'take_profit');
  if (resting === undefined) place(turn, state, position, wanted);
  else if (!fits(resting, wanted) && resting.venueOrderId !== null) requestCancel(turn, state, resting);
}

interface Wanted {
  price: Decimal;
  size: Decimal;
}

function wantedOrder(position: Position, price: Decimal, instrument: Instrument): Wanted {
  const whole = roundToStep(position.size, instrument.sizeStep, 'down');
  return {
    price: roundToStep(price, instrument.tickSize, position.direction === 'long' ? 'up' : 'down'),
    size: min(isZero(whole) ? position.size : whole, instrument.maxLimitSize),
  };
}

function fits(order: Order, { price, size }: Wanted): boolean {
  return order.price === price && sub(order.size, order.filledSize) === size;
}

function place(turn: Turn, state: AccountState, position: Position, { price, size }: Wanted): void {
  const { accountId, symbol } = position;
  const isSame = (order: Order) => order.purpose === 'take_profit' && order.price === price;
  const refused = refusedInARow(turn.desk, accountId, symbol, isSame);
  if (refused.length >= ATTEMPTS) {
    raiseAlert(turn, {
      alertId: `take_profit:${accountId}:${symbol}`,
      severity: 'warning',
      code: 'take_profit_refused',
      message: `The venue refused the take-profit of ${symbol} at ${price} (${refused[0]?.reason}); nothing takes profit.`,
      accountId,
    });
    return;
  }
  submitOrder(turn, state, {
    orderId: turn.id('tp', accountId, symbol, turn.desk.seq),
    botId: null,
    symbol,
    side: position.direction === 'long' ? 'sell' : 'buy',
    type: 'limit',
    purpose: 'take_profit',
    slot: SLOT,
    size,
    price,
    triggerPrice: null,
    timeInForce: 'gtc',
    reduceOnly: true,
    attachedStop: null,
  });
}

/** Moves the take-profit of a position, or does away with it (undefined). */
export function setTakeProfit(turn: Turn, position: Position, price: Decimal | undefined): void {
  const { takeProfitPrice: _, ...rest } = position.protection;
  turn.emit('PositionChanged', {
    position: {
      ...position,
      protection: price === undefined ? rest : { ...rest, takeProfitPrice: price },
      updatedAt: turn.wallTime,
    },
    trade: null,
  });
}
