import type { AccountState } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';

/** Asks the venue for all of an account: what is open there, and what happened since our cursor. */
export function readAccount(turn: Turn, state: AccountState): void {
  turn.effect({
    type: 'ReadAccount',
    accountId: state.account.accountId,
    venue: state.account.venue,
    cursors: state.cursors,
  });
}
