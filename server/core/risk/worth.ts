import { add, type Decimal, min, ZERO } from '../../../shared/domain/decimal.ts';
import type { Context } from '../context.ts';
import { type AccountState, balanceOf, type Desk, positionsOf } from '../desk.ts';
import { unrealisedPnl } from '../rules/positionAfterFill.ts';

/** What an account is worth to its limits, in the settlement coin. */
export interface Worth {
  /** What is known, with what is not known counted against its owner: by it a day's loss is told. */
  equity: Decimal;
  /** The same, but with gains as they were seen last: the peak was seen with them. By it a drawdown is told. */
  held: Decimal;
  /** As it was seen last, gains and all: what a new day begins with. */
  seen: Decimal;
  /** It is in step with its venue, and every position has a fresh price. */
  isKnown: boolean;
}

/** Known equity is written down this often, in `equityEveryMs`; for so many of them what went out of sight counts as it was. */
const TRUSTED_POINTS = 2;

/**
 * Never without an answer: one price or one account that is gone must not keep the losses that are known from counting.
 * What is out of sight counts as it was seen last, for a short while; then only as far as it lost, or as the day began with it
 * (`dayTs`): not to be seen is no loss. After an absence the short while begins anew, until prices and readings are back.
 */
export function worthOf(desk: Desk, state: AccountState, context: Context, dayTs: number | null): Worth {
  const { account, lastEquity, lastEquityAt } = state;
  const isReady = account.status === 'ready';
  let books = balanceOf(state);
  let least = books;
  let isKnown = isReady;
  let isPriced = true;
  const positions = positionsOf(desk, account.accountId);
  for (const position of positions) {
    const fresh = context.quote(account.venue, position.symbol);
    const mark = (fresh ?? context.lastQuote(account.venue, position.symbol))?.mark;
    if (fresh === undefined) isKnown = false;
    if (mark === undefined) isPriced = false;
    const pnl = mark === undefined ? ZERO : unrealisedPnl(position, mark);
    books = add(books, pnl);
    const isCarried = dayTs !== null && position.openedAt < dayTs;
    least = add(least, (isReady && fresh !== undefined) || isCarried ? pnl : min(pnl, ZERO));
  }
  if (isKnown || positions.length === 0) return { equity: books, held: books, seen: books, isKnown };
  const trustedMs = TRUSTED_POINTS * context.settings.equityEveryMs;
  // One of the future was written before the clock was set back: nobody knows how long ago.
  const isTrusted = (since: number): boolean =>
    since <= context.wallTime && context.wallTime - since < trustedMs;
  // The books miss what the venue did meanwhile, or what the position is worth at all.
  const last = isReady && isPriced ? books : (lastEquity ?? books);
  if (isPriced && isTrusted(lastEquityAt)) return { equity: books, held: books, seen: last, isKnown };
  if (isTrusted(lastEquityAt) || isTrusted(desk.recoveredAt))
    return { equity: last, held: last, seen: last, isKnown };
  return {
    equity: min(last, least),
    held: isPriced ? min(last, books) : min(last, least),
    seen: last,
    isKnown,
  };
}
