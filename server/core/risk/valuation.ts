import type { Valuation } from '../../../shared/domain/account.ts';
import { add, type Decimal, dec, div, mul, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Context } from '../context.ts';
import type { AccountState, Desk } from '../desk.ts';
import { unrealisedPnl } from '../ledger/positionAfterFill.ts';

/** The coin that USDT-margined accounts settle in. */
export const SETTLEMENT_COIN = 'USDT';

export function balanceOf(state: AccountState): Decimal {
  return state.account.balances[SETTLEMENT_COIN] ?? ZERO;
}

export function positionsOf(desk: Desk, accountId: string): Position[] {
  return [...desk.positions.values()].filter((position) => position.accountId === accountId);
}

/** The account at the current marks; undefined when a position has no fresh price. */
export function valuate(desk: Desk, state: AccountState, context: Context): Valuation | undefined {
  const { venue, accountId } = state.account;
  const rows: Valuation['positions'] = [];
  let marginUsed = ZERO;
  for (const position of positionsOf(desk, accountId)) {
    const quote = context.quote(venue, position.symbol);
    if (quote === undefined) return undefined;
    rows.push({
      symbol: position.symbol,
      mark: quote.mark,
      unrealisedPnl: unrealisedPnl(position, quote.mark),
      botId: position.botId,
    });
    marginUsed = add(marginUsed, marginOf(position));
  }
  const unrealised = sum(rows.map((row) => row.unrealisedPnl));
  const equity = add(balanceOf(state), unrealised);
  return {
    accountId,
    equity,
    unrealisedPnl: unrealised,
    marginUsed,
    available: sub(equity, marginUsed),
    positions: rows,
    ts: context.marketTime(venue),
    wallTs: context.wallTime,
  };
}

export function marginOf(position: Position): Decimal {
  return div(position.cost, dec(String(position.leverage)));
}

export function notionalAt(size: Decimal, price: Decimal): Decimal {
  return mul(size, price);
}
