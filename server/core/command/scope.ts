import type { Bot } from '../../../shared/domain/bot.ts';
import type { AccountState } from '../desk.ts';
import type { Turn } from '../turn.ts';
import type { Scope } from './command.ts';

/** The accounts that a command reaches. */
export function inScope(turn: Turn, scope: Scope): AccountState[] {
  return [...turn.desk.accounts.values()].filter(
    ({ account }) =>
      (scope.accountId === undefined || account.accountId === scope.accountId) &&
      (scope.book === undefined || account.book === scope.book),
  );
}

export function botsInScope(turn: Turn, scope: Scope): Bot[] {
  const accounts = new Set(inScope(turn, scope).map((state) => state.account.accountId));
  return [...turn.desk.bots.values()].filter((bot) => accounts.has(bot.accountId));
}
