import { add, type Decimal, isZero, neg, ZERO } from '../../../shared/domain/decimal.ts';
import type { VenueAccountState, VenueCursors } from '../../ports/venue.ts';
import { type AccountState, type Booked, positionsOf } from '../desk.ts';
import { signedSize } from '../rules/signedSize.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';

/** What we were told of that is newer than a reading. */
export function laterThan({ seenFills, seenBills }: AccountState, cursors: VenueCursors): Booked[] {
  const fills = [...seenFills.values()].filter(({ cursor }) => cursor > cursors.fills);
  return [...fills, ...[...seenBills.values()].filter(({ cursor }) => cursor > cursors.bills)];
}

/**
 * How the positions of a reading are others than ours without what came after it; null: not at all. An account so busy that
 * each reading is overtaken is compared all the same; where the two differ, only a current reading says who is right.
 */
export function differences(
  turn: Turn,
  state: AccountState,
  venue: VenueAccountState,
  later: readonly Booked[],
): string | null {
  const differences = new Map<string, Decimal>();
  const change = (symbol: string, by: Decimal): void =>
    void differences.set(symbol, add(differences.get(symbol) ?? ZERO, by));
  for (const held of positionsOf(turn.desk, state.account.accountId)) change(held.symbol, signedSize(held));
  for (const { symbol, size } of later) if (symbol !== null) change(symbol, neg(size));
  for (const held of venue.positions) change(held.symbol, neg(signedSize(held)));
  const found = [...differences].filter(([, size]) => !isZero(size));
  return found.length === 0 ? null : found.map((each) => each.join(' ')).join();
}

/** Whether what readings show may come of a fill that waits for an answer, or that the venue is still to tell of. */
export function mayBeExplained(turn: Turn, state: AccountState, differing: string): boolean {
  if (state.held.size > 0) return true;
  const lateMs = lateBy(turn, state);
  if (lateMs === 0) return false;
  return state.differing?.what !== differing || !hasPassed(turn, state.differing.since, lateMs);
}

/** How long a venue may show what it has not told yet, wall ms. */
export function lateBy(turn: Turn, { account }: AccountState): number {
  return turn.context.venue(account.venue)?.capabilities.tellsLate?.ms ?? 0;
}

export function noteDiffering(turn: Turn, state: AccountState, differing: string | null): void {
  if ((state.differing?.what ?? null) === differing) return;
  const { accountId } = state.account;
  turn.emit('PositionsCompared', { accountId, differing, ts: turn.wallTime });
}
