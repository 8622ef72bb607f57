import { add, type Decimal, dec, div, mul, ZERO } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { type AccountState, positionOf } from '../desk.ts';
import { awaitsSettings } from '../order/awaitsSettings.ts';
import type { Turn } from '../turn/turn.ts';
import { addedSize, incomingOf } from './incoming.ts';

/**
 * What working entries will hold once they fill, beyond what they close; undefined without a fresh price for one at the
 * market.
 */
export function reservation(
  turn: Turn,
  state: AccountState,
  entries: readonly Order[],
): { notional: Decimal; margin: Decimal } | undefined {
  let notional = ZERO;
  let margin = ZERO;
  const ahead = new Map<string, Decimal>();
  for (const order of entries) {
    const incoming = incomingOf(turn, state, order);
    if (incoming === undefined) return undefined;
    const { symbol, side } = order;
    const before = ahead.get(`${symbol}:${side}`) ?? ZERO;
    ahead.set(`${symbol}:${side}`, add(before, incoming.size));
    const held = positionOf(turn.desk, state.account.accountId, symbol);
    const value = mul(incoming.price, addedSize(held, side, before, incoming.size));
    const set = awaitsSettings(order) ? undefined : state.configured.get(symbol);
    const { leverage } = set ?? state.account;
    notional = add(notional, value);
    margin = add(margin, div(value, dec(String(leverage))));
  }
  return { notional, margin };
}
