import type { Book, Limits } from '../../../shared/domain/account.ts';
import { add, type Decimal, max, ZERO } from '../../../shared/domain/decimal.ts';
import type { Context } from '../context.ts';
import { type AccountState, type Desk, limitsOver } from '../desk.ts';
import { dayTime } from './dayTime.ts';
import { type Worth, worthOf } from './worth.ts';

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

/** For messages: nothing for an account, whose order it is. */
export function inWords({ limits }: LimitScope): string {
  return limits.book === undefined ? '' : ` over all accounts of the ${limits.book} book`;
}

/** The sums of the accounts', in the settlement coin only; known when each of them is. */
export interface ScopeValue extends Worth {
  /** Market time that days are told by. */
  ts: number;
}

/** Undefined without accounts, or where none of their venues is configured. */
export function valuateScope(desk: Desk, scope: LimitScope, context: Context): ScopeValue | undefined {
  const ts = dayTime(scope, context);
  if (ts === undefined) return undefined;
  let all: Worth = { equity: ZERO, held: ZERO, seen: ZERO, isKnown: true };
  for (const state of scope.accounts) {
    const { equity, held, seen, isKnown } = worthOf(desk, state, context, scope.limits.dayStart?.ts ?? null);
    all = {
      equity: add(all.equity, equity),
      held: add(all.held, held),
      seen: add(all.seen, seen),
      isKnown: all.isKnown && isKnown,
    };
  }
  return { ...all, ts };
}

/** How far before the liquidation price a stop must lie, in percent of the mark: the widest asked for. */
export function liquidationMarginPct(desk: Desk, state: AccountState): Decimal {
  return limitsOver(desk, state).reduce(
    (widest, { values }) => max(widest, values.liquidationMarginPct ?? ZERO),
    ZERO,
  );
}
