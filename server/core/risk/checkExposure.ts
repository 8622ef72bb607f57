import { add, type Decimal, dec, div, gt, lt, mul, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { type AccountState, openOrders } from '../desk.ts';
import { type Denial, denial } from '../refusal.ts';
import type { Turn } from '../turn.ts';
import type { OrderProposal } from './checkOrder.ts';
import { positionsOf, valuate } from './valuation.ts';

interface Cost {
  notional: Decimal;
  margin: Decimal;
  fee: Decimal;
}

/** Whether the account can and may carry the order beside what is open and what is on its way. */
export function checkExposure(
  turn: Turn,
  state: AccountState,
  order: OrderProposal,
  instrument: Instrument,
  cost: Cost,
): Denial[] {
  const found: Denial[] = [];
  const { values } = state.limits;
  const { accountId } = state.account;
  const { notional } = cost;
  const say = (limit: Denial['limit'], actual: string, allowed: string, message: string) =>
    found.push(denial(limit, actual, allowed, message));

  if (lt(notional, instrument.minNotional)) {
    const message = `${notional} ${instrument.quoteCoin} is below the minimum order of ${instrument.minNotional}`;
    say('minimum_notional', notional, instrument.minNotional, message);
  }
  const leverageMax = Math.min(instrument.maxLeverage, values.maxLeverage ?? instrument.maxLeverage);
  if (order.leverage > leverageMax) {
    const message = `leverage ${order.leverage}x is above ${leverageMax}x`;
    say('leverage', `${order.leverage}x`, `${leverageMax}x`, message);
  }
  if (values.maxOrderNotional !== null && gt(notional, values.maxOrderNotional)) {
    const message = `order of ${notional} is above ${values.maxOrderNotional}`;
    say('order_notional', notional, values.maxOrderNotional, message);
  }
  const entries = [...openOrders(turn.desk, accountId)].filter(
    (other) => !other.reduceOnly && other.orderId !== order.replaces,
  );
  const open = positionsOf(turn.desk, accountId);
  const symbols = new Set([...open, ...entries].map(({ symbol }) => symbol));
  if (values.maxPositions !== null && !symbols.has(order.symbol) && symbols.size >= values.maxPositions) {
    const message = `${symbols.size} positions are open or on their way already`;
    say('max_positions', String(symbols.size), String(values.maxPositions), message);
  }
  const valuation = valuate(turn.desk, state, turn.context);
  const reserved = reservation(turn, state, entries);
  if (valuation === undefined || reserved === undefined) {
    const message = 'a position or an order has no fresh price: what is available cannot be told';
    say('fresh_price', 'none', 'a fresh price', message);
    return found;
  }
  if (values.maxTotalNotional !== null) {
    const total = add(add(sum(open.map((position) => position.cost)), reserved.notional), notional);
    if (gt(total, values.maxTotalNotional)) {
      const message = `exposure would be ${total}, above ${values.maxTotalNotional}`;
      say('total_notional', total, values.maxTotalNotional, message);
    }
  }
  const needed = add(cost.margin, cost.fee);
  const available = sub(valuation.available, reserved.margin);
  if (gt(needed, available)) {
    const message = `needs ${needed} ${instrument.quoteCoin} of margin and fee, ${available} is available`;
    say('balance', needed, available, message);
  }
  return found;
}

/** What working entries will hold once they fill; undefined without a fresh price for one at the market. */
function reservation(
  turn: Turn,
  state: AccountState,
  entries: readonly Order[],
): { notional: Decimal; margin: Decimal } | undefined {
  let notional = ZERO;
  let margin = ZERO;
  for (const { symbol, price, size, filledSize } of entries) {
    const at = price ?? turn.context.quote(state.account.venue, symbol)?.mark;
    if (at === undefined) return undefined;
    const value = mul(at, sub(size, filledSize));
    const { leverage } = state.configured.get(symbol) ?? state.account;
    notional = add(notional, value);
    margin = add(margin, div(value, dec(String(leverage))));
  }
  return { notional, margin };
}
