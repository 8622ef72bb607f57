import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, positionOf } from '../desk.ts';
import { type CloseReason, flatten } from '../order/flatten.ts';
import type { Turn } from '../turn/turn.ts';

/** Whether the position is to be closed by now: its longest hold has passed, or a close was asked for by hand. */
export function isCloseDue(turn: Turn, position: Position): boolean {
  const { closeAt } = position.protection;
  const venue = turn.desk.accounts.get(position.accountId)?.account.venue;
  return closeAt !== null && venue !== undefined && turn.context.marketTime(venue) >= closeAt;
}

/** Asks for the position to be closed from now on; one that its venue dated ahead as well. */
export function askForClose(turn: Turn, position: Position): void {
  const venue = turn.desk.accounts.get(position.accountId)?.account.venue ?? '';
  const closeAt = Math.min(position.openedAt, turn.context.marketTime(venue));
  turn.emit('PositionChanged', {
    position: { ...position, protection: { ...position.protection, closeAt }, updatedAt: turn.wallTime },
    trade: null,
  });
}

/** A hold has a length; a close by hand is due since the position was opened. */
function reasonOf(position: Position): CloseReason {
  const { closeAt } = position.protection;
  return closeAt !== null && closeAt <= position.openedAt ? 'manual' : 'time';
}

/** Brings a position whose close is due one step on, until nothing of it is left. */
export function closeIfDue(turn: Turn, state: AccountState, symbol: string): void {
  const position = positionOf(turn.desk, state.account.accountId, symbol);
  if (position !== undefined && isCloseDue(turn, position)) flatten(turn, state, symbol, reasonOf(position));
}
