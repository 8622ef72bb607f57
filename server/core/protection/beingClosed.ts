import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, type Desk, isUnderWay, limitsOver } from '../desk.ts';
import { closes } from '../risk/breach.ts';
import type { Turn } from '../turn/turn.ts';
import { isCloseDue } from './closeDue.ts';

/** Whether all that is open on the account is being closed: by an emergency, or by a limit that closes. */
export function isBroughtToFlat(desk: Desk, state: AccountState): boolean {
  const { accountId, latch } = state.account;
  if (limitsOver(desk, state).some(({ breaches }) => breaches.some(closes))) return true;
  if (latch === null) return false;
  return [...desk.emergencies.values()].some(
    (emergency) => isUnderWay(emergency) && emergency.accountIds.includes(accountId),
  );
}

/** Whether anybody goes on closing the position: what a venue refused of an earlier close says nothing once nobody does. */
export function isBeingClosed(turn: Turn, state: AccountState, position: Position): boolean {
  const owner = position.botId === null ? undefined : turn.desk.bots.get(position.botId);
  return (
    position.stop?.state === 'failed' ||
    isCloseDue(turn, position) ||
    owner?.closing === true ||
    isBroughtToFlat(turn.desk, state)
  );
}
