import { connectAccount } from '../ask/connectAccount.ts';
import { limitsNeedTime, makeUpNights, watchBookLimits, watchLimits } from '../settle/watchLimits.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * First turn of a desk that was at rest while nobody had it in memory: the midnights that passed are made up for, with what
 * was known last, and its venues are asked what they have now.
 */
export function woken(turn: Turn): void {
  makeUpNights(turn);
  if (limitsNeedTime(turn.desk, turn.context)) {
    for (const state of [...turn.desk.accounts.values()]) watchLimits(turn, state);
    watchBookLimits(turn);
  }
  for (const state of [...turn.desk.accounts.values()]) connectAccount(turn, state, false);
}
