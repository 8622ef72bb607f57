import { ZERO } from '../../../shared/domain/decimal.ts';
import type { AccountState } from '../desk.ts';
import { readAccount } from '../protection/guardPosition.ts';
import type { Turn } from '../turn.ts';

/** Opens an account that the venue has never confirmed, or anew; one it knows is compared instead. */
export function connectAccount(turn: Turn, state: AccountState, reset: boolean): void {
  const { accountId, venue, deposit } = state.account;
  if (reset || state.reconciledAt === null) {
    turn.effect({ type: 'OpenAccount', accountId, venue, deposit: deposit ?? ZERO, reset });
  } else readAccount(turn, state);
}
