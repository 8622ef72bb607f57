import type { Breach } from '../../../shared/domain/account.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import { type AccountState, claimant, hasForeign, positionOf } from '../desk.ts';
import { denial } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { inWords, type LimitScope, scopesOver } from './limitScope.ts';

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
  const say = (limit: Denial['limit'], actual: string, allowed: string, message: string) =>
    found.push(denial(limit, actual, allowed, message));
  if (account.status !== 'ready') {
    say('account_ready', account.status, 'ready', `account ${account.name} is ${account.status}`);
  }
  if (account.latch !== null) {
    const { reason } = account.latch;
    say('account_latched', reason, 'released', `entries are latched: ${reason}`);
  }
  if (account.foreign !== null) {
    const { detail } = account.foreign;
    say('foreign_activity', detail, 'none', `activity at the venue that is not ours: ${detail}`);
  }
  if (account.foreign === null && hasForeign(turn.desk, account.accountId, symbol)) {
    const message = `${symbol} has a position or orders that are foreign: adopt them, or wait until they are gone`;
    say('foreign_activity', symbol, 'nothing foreign', message);
  }
  for (const scope of scopesOver(turn.desk, state)) {
    found.push(...scope.limits.breaches.map((breach) => breached(scope, breach)));
  }
  const owner = claimant(turn.desk, account.accountId, symbol, botId);
  if (owner !== undefined) {
    say(
      'symbol_claimed',
      owner.name,
      'no other bot',
      `${symbol} is claimed by bot ${owner.name} (${owner.state})`,
    );
  }
  const held = positionOf(turn.desk, account.accountId, symbol);
  if (botId !== null && held !== undefined && held.botId !== botId) {
    const actual = `${held.direction} ${held.size}`;
    say('symbol_claimed', actual, 'flat', `${symbol} has a position that is not this bot's: ${actual}`);
  }
  return found;
}

/** Names the broken limit with its figures. */
export function breached(scope: LimitScope, { limit, actual, allowed }: Breach): Denial {
  const message = `limit ${limit}${inWords(scope)} is breached: ${actual} of ${allowed}`;
  return denial('limit_breached', `${limit} ${actual}`, allowed, message);
}
