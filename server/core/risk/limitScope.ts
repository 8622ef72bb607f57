import type { Book, Limits } from '../../../shared/domain/account.ts';
import { type Decimal, max, ZERO } from '../../../shared/domain/decimal.ts';
import { type AccountState, type Desk, limitsOver } from '../desk.ts';

/** Limits, and the accounts that they hold for together: one, or all of a book. */
export interface LimitScope {
  limits: Limits;
  accounts: AccountState[];
}

/** Where the limits of a book stand among those of accounts, which have ids of another form. */
export function bookScopeId(book: Book): string {
  return `book:${book}`;
}

export function accountsOf(desk: Desk, book: Book): AccountState[] {
  return [...desk.accounts.values()].filter(({ account }) => account.book === book);
}

/** What an account stands under: its own limits, then those of its book. */
export function scopesOver(desk: Desk, state: AccountState): LimitScope[] {
  return limitsOver(desk, state).map((limits) => ({
    limits,
    accounts: limits.book === undefined ? [state] : accountsOf(desk, limits.book),
  }));
}

/** As it is told: whose limits they are. */
export const toldScope = ({ limits }: LimitScope): Book | 'account' => limits.book ?? 'account';

/** How far before the liquidation price a stop must lie, in percent of the mark: the widest asked for. */
export function liquidationMarginPct(desk: Desk, state: AccountState): Decimal {
  return limitsOver(desk, state).reduce(
    (widest, { values }) => max(widest, values.liquidationMarginPct ?? ZERO),
    ZERO,
  );
}
