import type { Breach } from '../../../shared/domain/account.ts';
import { toldBreach } from '../../../shared/domain/breach.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import { type AccountState, claimant, hasForeign, positionOf } from '../desk.ts';
import { denial } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { endsWithDay } from './breach.ts';
import { type LimitScope, scopesOver, toldScope } from './limitScope.ts';

/**
 * What speaks against new exposure of `botId` (null: by hand) on a symbol whatever its size: the account's condition, and
 * whose the symbol is.
 */
export function symbolDenials(
  turn: Turn,
  state: AccountState,
  symbol: string,
  botId: string | null,
): Denial[] {
  const { account } = state;
  const found: Denial[] = [];
  if (account.status !== 'ready')
    found.push(denial('account_ready', { account: account.name, status: account.status }));
  if (account.latch !== null) found.push(denial('account_latched', { latch: account.latch.reason }));
  if (account.foreign !== null) found.push(denial('foreign_activity', { found: account.foreign.found }));
  else if (hasForeign(turn.desk, account.accountId, symbol))
    found.push(denial('foreign_on_symbol', { symbol }));
  for (const scope of scopesOver(turn.desk, state)) {
    found.push(...scope.limits.breaches.map((breach) => breached(scope, breach)));
  }
  const owner = claimant(turn.desk, account.accountId, symbol, botId);
  if (owner !== undefined)
    found.push(denial('symbol_claimed', { symbol, bot: owner.name, state: owner.state }));
  const held = positionOf(turn.desk, account.accountId, symbol);
  if (botId !== null && held !== undefined && held.botId !== botId) {
    const { direction, size } = held;
    found.push(denial('symbol_has_position', { symbol, direction, size }));
  }
  return found;
}

/** Names the broken limit with its figures. */
export const breached = (scope: LimitScope, breach: Breach): Denial =>
  denial('limit_breached', {
    breach: toldBreach(toldScope(scope), breach),
    end: endsWithDay(breach) ? 'midnight' : 'release',
  });
