import { isInDoubt } from '../ask/shownAgain.ts';
import { type Desk, isActive, isUnderWay } from '../desk.ts';

/**
 * Whether nothing of the desk has to be looked after until somebody asks for it: nothing is open, under way or active, and
 * every account was in step with its venue. What a clock alone brings on then, a midnight, is the same when it is made up
 * for at the next look.
 */
export function isAtRest(desk: Desk): boolean {
  if (desk.positions.size > 0 || desk.workingOrderIds.size > 0) return false;
  for (const bot of desk.bots.values()) if (isActive(bot)) return false;
  for (const state of desk.accounts.values()) {
    const { account, held, differing } = state;
    if (account.status !== 'ready' || held.size > 0 || differing !== null || isInDoubt(state)) return false;
  }
  for (const emergency of desk.emergencies.values()) if (isUnderWay(emergency)) return false;
  return true;
}
