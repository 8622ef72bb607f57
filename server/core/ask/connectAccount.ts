import { because, type Cause } from '../../../shared/domain/cause.ts';
import { ZERO } from '../../../shared/domain/decimal.ts';
import { isSameTold } from '../../../shared/domain/figures.ts';
import type { AccountState } from '../desk.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { readAccount } from './readAccount.ts';

/** Opens an account that the venue has never confirmed, or anew; one it knows is compared instead. */
export function connectAccount(turn: Turn, state: AccountState, reset: boolean): void {
  const { accountId, venue, deposit } = state.account;
  if (turn.context.venue(venue) === undefined) {
    loseAccount(turn, state, because('no_venue', { venue }));
    return;
  }
  if (reset || state.reconciledAt === null) {
    turn.effect({ type: 'OpenAccount', accountId, venue, deposit: deposit ?? ZERO, reset });
  } else readAccount(turn, state);
}

/** The account is out of reach: entries wait, and its owner is told why. */
export function loseAccount(turn: Turn, state: AccountState, cause: Cause): void {
  const { account } = state;
  if (account.status !== 'unreachable' || !isSameTold(account.statusReason, cause)) {
    turn.emit('AccountChanged', { account: { ...account, status: 'unreachable', statusReason: cause } });
  }
  raiseAlert(turn, {
    alertId: `account:${account.accountId}`,
    severity: 'warning',
    code: 'account_unreachable',
    figures: { account: account.name, cause },
    accountId: account.accountId,
  });
}
