import { type AccountState, positionOf } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';
import { guardTakeProfit } from './manualTakeProfit.ts';
import { bringSignalExits } from './partialExit.ts';
import { placeTakeProfits } from './takeProfits.ts';

/** Brings the exits of a position, besides its stop and its close, one step on: what was decided, and its targets. */
export function bringExits(turn: Turn, state: AccountState, symbol: string): void {
  const position = positionOf(turn.desk, state.account.accountId, symbol);
  const bot = position?.botId == null ? undefined : turn.desk.bots.get(position.botId);
  if (position === undefined) return;
  if (bot === undefined) {
    guardTakeProfit(turn, state, position);
    return;
  }
  bringSignalExits(turn, state, bot);
  placeTakeProfits(turn, state, bot);
}
