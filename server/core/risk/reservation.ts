import { add, type Decimal, dec, div, mul, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { AccountState } from '../desk.ts';
import { awaitsSettings } from '../order/awaitsSettings.ts';
import type { Turn } from '../turn.ts';

/** What working entries will hold once they fill; undefined without a fresh price for one at the market. */
export function reservation(
  turn: Turn,
  state: AccountState,
  entries: readonly Order[],
): { notional: Decimal; margin: Decimal } | undefined {
  let notional = ZERO;
  let margin = ZERO;
  for (const order of entries) {
    const { symbol, price, size, filledSize } = order;
    const at = price ?? turn.context.quote(state.account.venue, symbol)?.mark;
    if (at === undefined) return undefined;
    const value = mul(at, sub(size, filledSize));
    const set = awaitsSettings(order) ? undefined : state.configured.get(symbol);
    const { leverage } = set ?? state.account;
    notional = add(notional, value);
    margin = add(margin, div(value, dec(String(leverage))));
  }
  return { notional, margin };
}
