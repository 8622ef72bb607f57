import { type Decimal, isMultipleOf, isPositive } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Direction } from '../../../shared/domain/position.ts';
import { type AccountState, positionOf } from '../desk.ts';
import { isGain, setTakeProfit } from '../protection/manualTakeProfit.ts';
import { denial, denied, refuse } from '../refusal.ts';
import { settleSymbol } from '../settle.ts';
import type { Turn } from '../turn.ts';
import type { Command, OrderRequest } from './command.ts';
import { type CommandOutcome, done, refused } from './reply.ts';

/** The take-profit of a position that nobody but its owner manages. */
export const isTakeProfitByHand = (order: Order): boolean =>
  order.purpose === 'take_profit' && order.botId === null;

/** Why an order by hand cannot carry this take-profit; undefined: it can, or asks for none. */
export function takeProfitProblem(
  turn: Turn,
  state: AccountState,
  request: OrderRequest,
): CommandOutcome | undefined {
  const { takeProfitPrice, symbol } = request;
  if (takeProfitPrice === null) return undefined;
  if (request.reduceOnly)
    return refused(refuse('bad_request', 'an order that only reduces opens nothing to take profit of', {}));
  const quote = turn.context.quote(state.account.venue, symbol);
  const from = request.price ?? quote?.mark;
  return priceProblem(turn, state, symbol, request.side === 'buy' ? 'long' : 'short', takeProfitPrice, from);
}

function priceProblem(
  turn: Turn,
  state: AccountState,
  symbol: string,
  direction: Direction,
  price: Decimal,
  from: Decimal | undefined,
): CommandOutcome | undefined {
  const instrument = turn.context.instrument(state.account.venue, symbol);
  if (instrument === undefined || from === undefined)
    return refused(denied([denial('fresh_price', 'none', 'a fresh price', `no fresh price of ${symbol}`)]));
  if (!isPositive(price) || !isMultipleOf(price, instrument.tickSize)) {
    const message = `take-profit ${price} must be above 0 and a multiple of ${instrument.tickSize}`;
    return refused(denied([denial('price_tick', price, instrument.tickSize, message)]));
  }
  if (isGain(direction, price, from)) return undefined;
  const allowed = `${direction === 'long' ? 'above' : 'below'} ${from}`;
  return refused(
    refuse('bad_request', `the take-profit of a ${direction} must lie ${allowed}, not at ${price}`, {
      takeProfitPrice: price,
      allowed,
    }),
  );
}

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
  const mark = turn.context.quote(state.account.venue, order.symbol)?.mark;
  const problem = priceProblem(turn, state, order.symbol, position.direction, price, mark);
  if (problem !== undefined) return problem;
  setTakeProfit(turn, position, price);
  settleSymbol(turn, state, order.symbol);
  return done();
}

/** Cancelled by hand, it is not wanted any more. */
export function dropTakeProfit(turn: Turn, order: Order): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  if (position !== undefined) setTakeProfit(turn, position, undefined);
}
