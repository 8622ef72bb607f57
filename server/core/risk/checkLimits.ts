import { add, type Decimal, gt, sum, ZERO } from '../../../shared/domain/decimal.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { type AccountState, limitsOver, positionsOf, symbolKey } from '../desk.ts';
import { denial } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { brokenNow } from './breach.ts';
import { entriesOf, isAdding } from './incoming.ts';
import { type LimitScope, scopesOver, toldScope } from './limitScope.ts';
import type { OrderProposal } from './proposal.ts';
import { reservation } from './reservation.ts';
import { valuateScope } from './scopeValue.ts';
import { breached } from './symbolDenials.ts';

/** The limits of the account, then those of its book, on what an order adds: `notional`, of what it opens beyond flat. */
export function checkLimits(
  turn: Turn,
  state: AccountState,
  order: OrderProposal,
  instrument: Instrument,
  notional: Decimal,
): Denial[] {
  const found: Denial[] = [];
  const scopes = scopesOver(turn.desk, state);
  found.push(...checkLeverage(turn, state, instrument, order.leverage));
  for (const scope of scopes) found.push(...checkScope(turn, scope, state, order, notional));
  return found;
}

/** Of the instrument, the account and its book the lowest counts. */
export function checkLeverage(
  turn: Turn,
  state: AccountState,
  instrument: Instrument,
  leverage: number,
): Denial[] {
  const allowed = limitsOver(turn.desk, state).flatMap(({ values }) => values.maxLeverage ?? []);
  const most = Math.min(instrument.maxLeverage, ...allowed);
  if (leverage <= most) return [];
  return [denial('leverage', { actual: leverage, allowed: most })];
}

function checkScope(
  turn: Turn,
  scope: LimitScope,
  state: AccountState,
  order: OrderProposal,
  notional: Decimal,
): Denial[] {
  const found: Denial[] = [];
  const { values } = scope.limits;
  const where = toldScope(scope);
  if (values.maxOrderNotional !== null && gt(notional, values.maxOrderNotional)) {
    const figures = { actual: notional, allowed: values.maxOrderNotional, scope: where };
    found.push(denial('order_notional', figures));
  }
  const entries = scope.accounts.flatMap((one) => entriesOf(turn, one, order.replaces));
  const open = scope.accounts.flatMap((one) => positionsOf(turn.desk, one.account.accountId));
  const held = new Set([...open, ...entries].map((one) => symbolKey(one.accountId, one.symbol)));
  const isNew = !held.has(symbolKey(state.account.accountId, order.symbol));
  if (values.maxPositions !== null && isNew && held.size >= values.maxPositions) {
    found.push(denial('max_positions', { actual: held.size, allowed: values.maxPositions, scope: where }));
  }
  if (values.maxTotalNotional !== null) {
    // What it opens is there instead of the other side of its symbol, not beside it.
    const isOtherSide = (accountId: string, symbol: string, adds: boolean) =>
      accountId === state.account.accountId && symbol === order.symbol && !adds;
    let reserved: Decimal | undefined = ZERO;
    for (const one of scope.accounts) {
      const beside = entriesOf(turn, one, order.replaces).filter(
        ({ accountId, symbol, side }) => !isOtherSide(accountId, symbol, side === order.side),
      );
      const part = reservation(turn, one, beside);
      reserved = reserved === undefined || part === undefined ? undefined : add(reserved, part.notional);
    }
    if (reserved === undefined) found.push(denial('exposure_known', { scope: where }));
    else {
      const held = open.filter(
        (position) => !isOtherSide(position.accountId, position.symbol, isAdding(position, order.side)),
      );
      const total = add(add(sum(held.map((position) => position.cost)), reserved), notional);
      if (gt(total, values.maxTotalNotional)) {
        const figures = { actual: total, allowed: values.maxTotalNotional, scope: where };
        found.push(denial('total_notional', figures));
      }
    }
  }
  return [...found, ...checkStanding(turn, scope)];
}

/** What the next look would halt for is denied now; what cannot be known of it is denied as well. */
function checkStanding(turn: Turn, scope: LimitScope): Denial[] {
  const { breaches, values } = scope.limits;
  const isLimited = values.dailyLoss !== null || values.drawdownPct !== null || values.maxStopOuts != null;
  if (!isLimited) return [];
  const value = valuateScope(turn.desk, scope, turn.context);
  // What stands is among the denials already.
  const isStanding = (limit: string) => breaches.some((breach) => breach.limit === limit);
  const found = value === undefined ? [] : brokenNow(scope, value);
  const denials = found.filter(({ limit }) => !isStanding(limit)).map((breach) => breached(scope, breach));
  // Of the account itself this is said by other checks.
  if (value?.isKnown === true || scope.limits.book === undefined) return denials;
  return [...denials, denial('equity_known', { scope: toldScope(scope) })];
}
