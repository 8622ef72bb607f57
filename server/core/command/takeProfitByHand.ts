import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Command, OrderRequest } from '../commands.ts';
import { type AccountState, openOrders, positionOf } from '../desk.ts';
import { requestCancel } from '../order/submit.ts';
import { placeable } from '../protection/targets.ts';
import { checkTakeProfit } from '../risk/checkProtection.ts';
import { badRequest, denial, denied } from '../rules/refusal.ts';
import { settleSymbol } from '../settle/settleSymbol.ts';
import { resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { noPosition } from './noPosition.ts';
import { type CommandOutcome, done, refused } from './reply.ts';

/** The take-profit of a position that nobody but its owner manages. */
export const isTakeProfitByHand = (order: Order): boolean =>
  order.purpose === 'take_profit' && order.botId === null;

/** From which mark on the target of an order can rest; null: at once, or it has none. */
export function takeProfitRestsFrom(
  turn: Turn,
  state: AccountState,
  { symbol, side, takeProfitPrice }: OrderRequest,
): Decimal | null {
  const { venue } = state.account;
  const mark = turn.context.quote(venue, symbol)?.mark;
  const instrument = turn.context.instrument(venue, symbol);
  if (takeProfitPrice === null || mark === undefined || instrument === undefined) return null;
  const at = placeable(side === 'buy' ? 'long' : 'short', takeProfitPrice, mark, instrument);
  return 'restsFrom' in at ? at.restsFrom : null;
}

/** Its price is the owner's to move; its size follows the position. */
export function amendTakeProfit(
  turn: Turn,
  order: Order,
  { price, size }: Extract<Command, { type: 'AmendOrder' }>,
): CommandOutcome {
  if (price !== undefined && size === undefined)
    return setTakeProfitByHand(turn, order.accountId, order.symbol, price);
  const message = 'a take-profit closes the whole position: only its price can be amended';
  return refused(badRequest('args.size', message, ['price']));
}

/** Gives a position by hand a target, moves it, whether it rests or waits, or takes it back (null). */
export function setTakeProfitByHand(
  turn: Turn,
  accountId: string,
  symbol: string,
  price: Decimal | null,
): CommandOutcome {
  const state = turn.desk.accounts.get(accountId);
  const position = positionOf(turn.desk, accountId, symbol);
  if (state === undefined || position === undefined) {
    return refused(noPosition(accountId, symbol));
  }
  if (position.botId !== null || position.foreign === true) {
    const whose =
      position.foreign === true ? 'was found at the venue: adopt it first' : 'is its bot’s to manage';
    return refused(badRequest('args.symbol', `the position in ${symbol} ${whose}`));
  }
  if (price === null) {
    dropTakeProfit(turn, state, position);
    return done();
  }
  const instrument = turn.context.instrument(state.account.venue, symbol);
  const mark = turn.context.quote(state.account.venue, symbol)?.mark;
  const denials =
    instrument === undefined || mark === undefined
      ? [denial('fresh_price', { symbol })]
      : checkTakeProfit(instrument, position.direction, price, mark);
  if (denials.length > 0) return refused(denied(denials));
  setTakeProfit(turn, position, price);
  settleSymbol(turn, state, symbol);
  return done();
}

/** It is not wanted any more, resting or waiting. */
export function dropTakeProfit(turn: Turn, state: AccountState, position: Position): void {
  setTakeProfit(turn, position, undefined);
  for (const order of openOrders(turn.desk, position.accountId, position.symbol))
    if (isTakeProfitByHand(order)) requestCancel(turn, state, order);
}

function setTakeProfit(turn: Turn, position: Position, price: Decimal | undefined): void {
  const { takeProfitPrice: present, ...rest } = position.protection;
  const alertId = `take_profit:${position.accountId}:${position.symbol}`;
  // It is so already, and nothing is to be tried again.
  if (present === price && !turn.desk.alerts.has(alertId)) return;
  const protection = { ...rest, waits: [], ...(price === undefined ? null : { takeProfitPrice: price }) };
  turn.emit('PositionChanged', {
    position: { ...position, protection, updatedAt: turn.wallTime },
    trade: null,
  });
  resolveAlert(turn, alertId);
}
