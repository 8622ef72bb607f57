import { because } from '../../../shared/domain/cause.ts';
import { loseAccount } from '../ask/connectAccount.ts';
import { readAccount } from '../ask/readAccount.ts';
import type { AccountState } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import type { Turn } from '../turn/turn.ts';

/** The venue answered to opening an account: it is compared before anything is entered, or it is out of reach. */
export function accountOpened(turn: Turn, state: AccountState, { answer }: InputOf<'AccountOpened'>): void {
  if (answer.outcome === 'accepted') readAccount(turn, state);
  else
    loseAccount(
      turn,
      state,
      answer.outcome === 'rejected' ? because('refused', { as: answer.code }) : because('unanswered', {}),
    );
}

export function accountUnreadable(
  turn: Turn,
  state: AccountState,
  _input: InputOf<'AccountUnreadable'>,
): void {
  loseAccount(turn, state, because('unreachable', {}));
}

/** Pushes may be missing: what they told is read. */
export function streamInterrupted(
  turn: Turn,
  state: AccountState,
  _input: InputOf<'StreamInterrupted'>,
): void {
  loseAccount(turn, state, because('stream_interrupted', {}));
  readAccount(turn, state);
}
