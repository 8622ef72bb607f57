import { ZERO } from '../../../shared/domain/decimal.ts';
import type { AccountState } from '../desk.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { readAccount } from './readAccount.ts';

/** Opens an account that the venue has never confirmed, or anew; one it knows is compared instead. */
export function connectAccount(turn: Turn, state: AccountState, reset: boolean): void {
  const { accountId, venue, deposit } = state.account;
  if (turn.context.venue(venue) === undefined) {
    loseAccount(turn, state, `this server has no venue ${venue}`);
    return;
  }
  if (reset || state.reconciledAt === null) {
    turn.effect({ type: 'OpenAccount', accountId, venue, deposit: deposit ?? ZERO, reset });
  } else readAccount(turn, state);
}

/** The account is out of reach: entries wait, and its owner is told why. */
export function loseAccount(turn: Turn, state: AccountState, reason: string): void {
  const { account } = state;
  if (account.status !== 'unreachable' || account.statusReason !== reason) {
    turn.emit('AccountChanged', { account: { ...account, status: 'unreachable', statusReason: reason } });
  }
  raiseAlert(turn, {
    alertId: `account:${account.accountId}`,
    severity: 'warning',
    code: 'account_unreachable',
    message: `${account.name} cannot be reached: ${reason}. Entries wait; stops rest at the venue.`,
    accountId: account.accountId,
  });
}
