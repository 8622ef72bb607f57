import type { Valuation } from '../../../shared/domain/account.ts';
import { add, type Decimal, dec, div, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Context } from '../context.ts';
import { type AccountState, balanceOf, type Desk, positionsOf } from '../desk.ts';
import { unrealisedPnl } from '../rules/positionAfterFill.ts';

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

function marginOf(position: Position): Decimal {
  return div(position.cost, dec(String(position.leverage)));
}
