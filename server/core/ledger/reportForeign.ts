import type { ForeignFound } from '../../../shared/domain/foreignFound.ts';
import type { AccountState } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * Trips the wire: entries on the account freeze until the owner adopts or ignores what was found. `isKnown`: more of
 * what its owner ignores on this symbol already, where entries stay denied anyway.
 */
export function reportForeign(turn: Turn, state: AccountState, found: ForeignFound, isKnown = false): void {
  if (state.account.foreign !== null || isKnown) return;
  const account = { ...state.account, foreign: { found, since: turn.wallTime } };
  turn.emit('ForeignActivity', { account });
}
