import type { AccountState } from '../desk.ts';
import type { Turn } from '../turn.ts';

/** Trips the wire: entries on the account freeze until the owner adopts or ignores what was found. */
export function reportForeign(turn: Turn, state: AccountState, detail: string): void {
  if (state.account.foreign !== null) return;
  const account = { ...state.account, foreign: { detail, since: turn.wallTime } };
  turn.emit('ForeignActivity', { account });
}
