import type { AccountState, Desk } from '../desk.ts';
import { openOrders, positionOf } from '../desk.ts';
import type { Turn } from '../turn.ts';

/** Whether anything on the symbol was found at the venue and not adopted. */
export function hasForeign(desk: Desk, accountId: string, symbol: string): boolean {
  if (positionOf(desk, accountId, symbol)?.foreign === true) return true;
  for (const order of openOrders(desk, accountId, symbol)) if (order.foreign === true) return true;
  return false;
}

/**
 * Trips the wire: entries on the account freeze until the owner adopts or ignores what was found. `isKnown`: more of
 * what its owner ignores on this symbol already, where entries stay denied anyway.
 */
export function reportForeign(turn: Turn, state: AccountState, detail: string, isKnown = false): void {
  if (state.account.foreign !== null || isKnown) return;
  const account = { ...state.account, foreign: { detail, since: turn.wallTime } };
  turn.emit('ForeignActivity', { account });
}
