import { add, ZERO } from '../../../shared/domain/decimal.ts';
import type { VenueBill } from '../../ports/venue.ts';
import { type AccountState, SETTLEMENT_COIN } from '../desk.ts';
import type { LedgerBill } from '../events.ts';
import { beginRiskDays } from '../risk/riskDays.ts';
import { shiftBaselines } from '../risk/transfers.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { payFunding } from './payFunding.ts';

/** Takes a change of the balance that no fill made into the books, once. */
export function recordBill(turn: Turn, state: AccountState, seen: VenueBill): boolean {
  if (seen.cursor <= state.cursors.bills || state.seenBills.has(seen.billId)) return false;
  beginRiskDays(turn, state, seen.ts);
  const { cursor, ...rest } = seen;
  const bill: LedgerBill = rest;
  const balances = {
    ...state.account.balances,
    [seen.coin]: add(state.account.balances[seen.coin] ?? ZERO, seen.amount),
  };
  const account = { ...state.account, balances };
  if (seen.kind === 'funding') {
    turn.emit('FundingPaid', { accountId: account.accountId, bill, cursor });
    turn.emit('BalanceChanged', { account, bill: null, cursor: null });
    if (seen.symbol !== null) payFunding(turn, state, seen.symbol, seen);
    return true;
  }
  // An adjustment is no trading either: it must neither hide a loss nor be one. Other coins are not in the equity.
  if (seen.coin === SETTLEMENT_COIN) shiftBaselines(turn, state, seen.amount);
  turn.emit('BalanceChanged', { account, bill, cursor });
  if (seen.kind === 'adjustment') {
    raiseAlert(turn, {
      alertId: `adjustment:${seen.billId}`,
      severity: 'warning',
      code: 'balance_adjusted',
      figures: { amount: seen.amount, coin: seen.coin },
      accountId: account.accountId,
    });
  }
  return true;
}
