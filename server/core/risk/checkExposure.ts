import { add, type Decimal, gt, mul, sub } from '../../../shared/domain/decimal.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { AccountState } from '../desk.ts';
import { denial } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { checkLimits } from './checkLimits.ts';
import { entriesOf } from './incoming.ts';
import type { OrderProposal } from './proposal.ts';
import { reservation } from './reservation.ts';
import { valuate } from './valuation.ts';

/** Whether the account can and may carry what an order adds, beside what is open and what is on its way. */
export function checkExposure(
  turn: Turn,
  state: AccountState,
  order: OrderProposal,
  instrument: Instrument,
  added: { value: Decimal; margin: Decimal },
): Denial[] {
  const found = checkLimits(turn, state, order, instrument, added.value);
  const valuation = valuate(turn.desk, state, turn.context);
  const reserved = reservation(turn, state, entriesOf(turn, state, order.replaces));
  if (valuation === undefined || reserved === undefined) {
    found.push(denial('available_known', {}));
    return found;
  }
  const needed = add(added.margin, mul(added.value, instrument.takerFeeRate));
  const available = sub(valuation.available, reserved.margin);
  if (gt(needed, available))
    found.push(denial('balance', { actual: needed, allowed: available, coin: instrument.quoteCoin }));
  return found;
}
