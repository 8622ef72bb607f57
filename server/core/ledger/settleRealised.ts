import { add, type Decimal, eq, isZero, neg, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { VenueAccountState } from '../../ports/venue.ts';
import { type AccountState, balanceOf, positionOf, SETTLEMENT_COIN } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * What fills realise depends on their order, and what they realise and what is open cost together does not. Where the venue
 * tells late, they are booked as they come: once a reading has the same positions, and just that much less or more of the
 * balance as they cost less or more, its split is taken over. Any other difference is none of ours to settle.
 */
export function settleRealised(turn: Turn, state: AccountState, venue: VenueAccountState): void {
  const { account } = state;
  if (turn.context.venue(account.venue)?.capabilities.tellsLate === undefined) return;
  const found: { position: Position; amount: Decimal }[] = [];
  for (const seen of venue.positions) {
    const position = positionOf(turn.desk, account.accountId, seen.symbol);
    if (position === undefined || eq(position.cost, seen.cost)) continue;
    const gap = sub(seen.cost, position.cost);
    const amount = seen.direction === 'long' ? gap : neg(gap);
    found.push({ position: { ...position, cost: seen.cost, updatedAt: turn.wallTime }, amount });
  }
  const gap = sub(venue.balances[SETTLEMENT_COIN] ?? ZERO, balanceOf(state));
  if (isZero(gap) || !eq(gap, sum(found.map(({ amount }) => amount)))) return;
  for (const { position, amount } of found) {
    const { accountId, symbol, realisedPnl } = position;
    turn.emit('RealisedSettled', { accountId, symbol, amount, ts: venue.marketTime });
    turn.emit('PositionChanged', {
      position: { ...position, realisedPnl: add(realisedPnl, amount) },
      trade: null,
    });
  }
  const balances = { ...account.balances, [SETTLEMENT_COIN]: add(balanceOf(state), gap) };
  turn.emit('BalanceChanged', { account: { ...account, balances }, bill: null, cursor: null });
}
