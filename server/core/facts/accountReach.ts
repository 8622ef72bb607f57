import { loseAccount } from '../ask/connectAccount.ts';
import { readAccount } from '../ask/readAccount.ts';
import type { AccountState } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import type { Turn } from '../turn/turn.ts';

/** The venue answered to opening an account: it is compared before anything is entered, or it is out of reach. */
export function accountOpened(turn: Turn, state: AccountState, { answer }: InputOf<'AccountOpened'>): void {
  if (answer.outcome === 'accepted') readAccount(turn, state);
  else loseAccount(turn, state, answer.message);
}

export function accountUnreadable(
  turn: Turn,
  state: AccountState,
  { reason }: InputOf<'AccountUnreadable'>,
): void {
  loseAccount(turn, state, reason);
}

/** Pushes may be missing: what they told is read. */
export function streamInterrupted(
  turn: Turn,
  state: AccountState,
  { reason }: InputOf<'StreamInterrupted'>,
): void {
  loseAccount(turn, state, reason);
  readAccount(turn, state);
}
