import {
  type Decimal,
  isZero,
  lt,
  min,
  mul,
  roundToStep,
  sub,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, openOrders, positionOf } from '../desk.ts';
import { submitOrder } from '../order/submit.ts';
import type { Turn } from '../turn.ts';
import { isCloseDue } from './closeDue.ts';

/** What `slot` still has to take of the position: its share of the size that was opened, less what it took. */
export function partLeft(position: Position, slot: string, share: Decimal, instrument: Instrument): Decimal {
  const whole = roundToStep(mul(position.openedSize, share), instrument.sizeStep, 'down');
  return min(sub(whole, takenBy(position, slot)), position.size);
}

/** What an exit of this slot took of the position so far. */
export function takenBy(position: Position, slot: string): Decimal {
  return position.protection.takenSizes?.[slot] ?? ZERO;
}

/**
 * An exit that the market took only in part goes on with its rest, as long as each order gets anywhere. `before`: the
 * order as it was before it ended; what somebody cancelled is not continued.
 */
export function continueExit(turn: Turn, state: AccountState, before: Order, ended: Order): void {
  if (!isOpen(before) || before.cancelRequested || ended.purpose !== 'exit') return;
  if (ended.status !== 'cancelled' || isZero(ended.filledSize)) return;
  const { accountId, symbol, slot } = ended;
  const position = positionOf(turn.desk, accountId, symbol);
  const instrument = turn.context.instrument(state.account.venue, symbol);
  if (position === undefined || position.botId !== ended.botId || instrument === undefined) return;
  // Two orders were under way for it, and the other one took it whole.
  if (position.protection.partialsTaken.includes(slot)) return;
  if ((position.direction === 'long') !== (ended.side === 'sell')) return;
  const bot = position.botId === null ? undefined : turn.desk.bots.get(position.botId);
  if (bot === undefined || bot.closing || position.stop?.state === 'failed' || isCloseDue(turn, position))
    return;
  for (const other of openOrders(turn.desk, accountId, symbol)) {
    if (other.purpose === 'close' || other.slot === slot) return;
  }
  const rest = min(sub(ended.size, ended.filledSize), position.size);
  if (isZero(rest) || (lt(rest, instrument.minSize) && rest !== position.size)) return;
  // Follows from the order it goes on from: seen to end twice, it is continued once.
  const orderId = turn.id('exit', ended.orderId);
  if (turn.desk.orders.has(orderId)) return;
  submitOrder(turn, state, {
    orderId,
    botId: ended.botId,
    symbol,
    side: ended.side,
    type: 'market',
    purpose: 'exit',
    slot,
    size: rest,
    price: null,
    triggerPrice: null,
    timeInForce: 'ioc',
    reduceOnly: true,
    attachedStop: null,
  });
}
