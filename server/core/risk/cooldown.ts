import { type AccountState, type Desk, limitsOver } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';
import { accountTime } from './dayTime.ts';

/** How long bots wait after a stop fired: the longest asked for; null: not at all. */
export function cooldownAfterStopMs(desk: Desk, state: AccountState): number | null {
  const asked = limitsOver(desk, state).flatMap(({ values }) => values.cooldownAfterStopMs ?? []);
  return asked.length === 0 ? null : Math.max(...asked);
}

/** Market ms for which no bot enters the symbol, told by the clock of days: a venue whose clock jumps ahead ends no wait. */
export function cooldownLeftMs(turn: Turn, state: AccountState, symbol: string): number {
  const until = state.cooldowns.get(symbol);
  if (until === undefined) return 0;
  return Math.max(0, until - accountTime(state, turn.context));
}
