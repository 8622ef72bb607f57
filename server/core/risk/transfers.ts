import type { Limits } from '../../../shared/domain/account.ts';
import { add, type Decimal, isPositive, mulDiv, neg } from '../../../shared/domain/decimal.ts';
import { type AccountState, balanceOf } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';
import { type LimitScope, scopesOver } from './limitScope.ts';
import { valuateScope } from './scopeValue.ts';

/**
 * Money is about to be moved in (or out, negative), in the settlement coin: neither gain nor loss. The day's baseline
 * moves by the amount, so that the day's loss stays; the peak in proportion, so that the drawdown in percent stays.
 */
export function shiftBaselines(turn: Turn, state: AccountState, amount: Decimal): void {
  for (const scope of scopesOver(turn.desk, state)) shift(turn, scope, amount);
}

/** An account that is removed takes its money along, which is neither gain nor loss of its book. */
export function leaveBook(turn: Turn, state: AccountState): void {
  for (const scope of scopesOver(turn.desk, state)) {
    if (scope.limits.book !== undefined) shift(turn, scope, neg(balanceOf(state)));
  }
}

function shift(turn: Turn, scope: LimitScope, amount: Decimal): void {
  const { limits } = scope;
  if (limits.dayStart === null && limits.peakEquity === null) return;
  turn.emit('LimitChanged', { limits: shifted(turn, scope, amount) });
}

function shifted(turn: Turn, scope: LimitScope, amount: Decimal): Limits {
  const { limits } = scope;
  const { dayStart, peakEquity } = limits;
  const value = valuateScope(turn.desk, scope, turn.context);
  const equity = value?.isKnown === true ? value.equity : undefined;
  return {
    ...limits,
    dayStart: dayStart === null ? null : { ...dayStart, equity: add(dayStart.equity, amount) },
    peakEquity: peakEquity === null ? null : shiftedPeak(peakEquity, equity, amount),
  };
}

const PEAK_SCALE = 12;

function shiftedPeak(peak: Decimal, equity: Decimal | undefined, amount: Decimal): Decimal {
  const after = equity === undefined ? undefined : add(equity, amount);
  // Nothing to be in proportion to.
  if (equity === undefined || after === undefined || !isPositive(equity) || !isPositive(after))
    return add(peak, amount);
  return mulDiv(peak, after, equity, PEAK_SCALE);
}
