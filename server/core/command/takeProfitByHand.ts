import type { Order } from '../../../shared/domain/order.ts';
import { type AccountState, positionOf } from '../desk.ts';
import { setTakeProfit } from '../protection/manualTakeProfit.ts';
import { denial, denied, refuse } from '../refusal.ts';
import { checkTakeProfit } from '../risk/checkProtection.ts';
import { settleSymbol } from '../settle.ts';
import type { Turn } from '../turn.ts';
import type { Command } from './command.ts';
import { type CommandOutcome, done, refused } from './reply.ts';

/** The take-profit of a position that nobody but its owner manages. */
export const isTakeProfitByHand = (order: Order): boolean =>
  order.purpose === 'take_profit' && order.botId === null;

/** Its price is the owner's to move; its size follows the position. */
export function moveTakeProfit(
  turn: Turn,
  state: AccountState,
  order: Order,
  { price, size }: Extract<Command, { type: 'AmendOrder' }>,
): CommandOutcome {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  if (position === undefined || price === undefined || size !== undefined) {
    const message = 'a take-profit closes the whole position: only its price can be amended';
    return refused(refuse('bad_request', message, {}));
  }
  const instrument = turn.context.instrument(state.account.venue, order.symbol);
  const mark = turn.context.quote(state.account.venue, order.symbol)?.mark;
  const denials =
    instrument === undefined || mark === undefined
      ? [denial('fresh_price', 'none', 'a fresh price', `no fresh price of ${order.symbol}`)]
      : checkTakeProfit(instrument, position.direction, price, mark);
  if (denials.length > 0) return refused(denied(denials));
  setTakeProfit(turn, position, price);
  settleSymbol(turn, state, order.symbol);
  return done();
}

/** Cancelled by hand, it is not wanted any more. */
export function dropTakeProfit(turn: Turn, order: Order): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  if (position !== undefined) setTakeProfit(turn, position, undefined);
}
