import type { Bot } from '../../../shared/domain/bot.ts';
import type { Scope } from '../commands.ts';
import type { AccountState } from '../desk.ts';
import { notFound, type Refusal } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';

/** The accounts that a command reaches. */
export function inScope(turn: Turn, scope: Scope): AccountState[] {
  return [...turn.desk.accounts.values()].filter(
    ({ account }) =>
      (scope.accountId === undefined || account.accountId === scope.accountId) &&
      (scope.book === undefined || account.book === scope.book),
  );
}

/** Why a scope that names what is not there is refused; one without names reaches whatever there is. */
export function unknownScope(turn: Turn, scope: Scope): Refusal | undefined {
  const { accountId, book } = scope;
  if (inScope(turn, scope).length > 0 || (accountId === undefined && book === undefined)) return undefined;
  const which = accountId === undefined ? 'account' : `account ${accountId}`;
  return notFound(`there is no ${which}${book === undefined ? '' : ` in the book ${book}`}`, {
    what: 'scope',
    id: accountId ?? book ?? '',
    ...(accountId === undefined ? null : { accountId }),
    ...(book === undefined ? null : { book }),
  });
}

export function botsInScope(turn: Turn, scope: Scope): Bot[] {
  const accounts = new Set(inScope(turn, scope).map((state) => state.account.accountId));
  return [...turn.desk.bots.values()].filter((bot) => accounts.has(bot.accountId));
}
