import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, positionOf } from '../desk.ts';
import { flatten } from '../order/flatten.ts';
import type { Turn } from '../turn/turn.ts';

/** Whether the position is to be closed by now: its longest hold has passed, or a close was asked for by hand. */
export function isCloseDue(turn: Turn, position: Position): boolean {
  const { close } = position.protection;
  const venue = turn.desk.accounts.get(position.accountId)?.account.venue;
  if (close === null || venue === undefined) return false;
  // What a person asked for does not wait for a venue's clock that was set back.
  return close.why === 'manual' || turn.context.marketTime(venue) >= close.at;
}

/** Asks by hand for the position to be closed from now on. */
export function askForClose(turn: Turn, position: Position): void {
  const venue = turn.desk.accounts.get(position.accountId)?.account.venue ?? '';
  const close = { why: 'manual', at: turn.context.marketTime(venue) } as const;
  turn.emit('PositionChanged', {
    position: { ...position, protection: { ...position.protection, close }, updatedAt: turn.wallTime },
    trade: null,
  });
}

/** Brings a position whose close is due one step on, until nothing of it is left. */
export function closeIfDue(turn: Turn, state: AccountState, symbol: string): void {
  const position = positionOf(turn.desk, state.account.accountId, symbol);
  const why = position?.protection.close?.why;
  if (position !== undefined && why !== undefined && isCloseDue(turn, position))
    flatten(turn, state, symbol, why);
}
