import type { Limits } from '../../../shared/domain/account.ts';
import { add, type Decimal, lt, max, neg, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import type { Context } from '../../core/context.ts';
import type { AccountState, Desk } from '../../core/desk.ts';
import { unrealisedPnl } from '../../core/rules/positionAfterFill.ts';
import { InvariantBroken } from '../broken.ts';

/** After a look: a day's loss that is beyond its limit by what is known alone stands as a breach, whatever else is unknown. */
export function checkLossesSeen(desk: Desk, context: Context): void {
  const states = [...desk.accounts.values()];
  for (const state of states) mustStand(state.limits, [state], desk, context);
  for (const [book, limits] of desk.bookLimits) {
    const ofBook = states.filter(({ account }) => account.book === book);
    mustStand(limits, ofBook, desk, context);
  }
}

function mustStand(limits: Limits, accounts: readonly AccountState[], desk: Desk, context: Context): void {
  const { dailyLoss } = limits.values;
  if (dailyLoss === null || limits.dayStart === null || accounts.length === 0) return;
  if (limits.breaches.some(({ limit }) => limit === 'daily_loss')) return;
  const change = sub(sum(accounts.map((state) => atBest(state, desk, context))), limits.dayStart.equity);
  if (lt(change, neg(dailyLoss)))
    throw new InvariantBroken(
      'RISK',
      `${limits.accountId} lost ${change} of ${dailyLoss} and nothing stands`,
    );
}

/** What the account may be worth: exactly where it is known, with every doubt in its favour where it is not. */
function atBest({ account, lastEquity }: AccountState, desk: Desk, context: Context): Decimal {
  const positions = [...desk.positions.values()].filter(({ accountId }) => accountId === account.accountId);
  let best = account.balances.USDT ?? ZERO;
  let isKnown = account.status === 'ready' || positions.length === 0;
  for (const position of positions) {
    const fresh = context.quote(account.venue, position.symbol);
    const quote = fresh ?? context.lastQuote(account.venue, position.symbol);
    const pnl = quote === undefined ? ZERO : unrealisedPnl(position, quote.mark);
    if (fresh === undefined) isKnown = false;
    best = add(best, isKnown ? pnl : max(pnl, ZERO));
  }
  return isKnown ? best : max(best, lastEquity ?? best);
}
