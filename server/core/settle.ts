import { advanceBot, type FlatProof } from './bot/advanceBot.ts';
import { type AccountState, openOrders, positionOf } from './desk.ts';
import { advanceEmergencies } from './emergency/emergency.ts';
import { requestCancel } from './order/submit.ts';
import { guardPosition } from './protection/guardPosition.ts';
import { placeTakeProfits } from './protection/takeProfits.ts';
import type { Turn } from './turn.ts';

/**
 * After anything was learnt about (account, symbol): protection first, then what a flat position leaves behind, then
 * whoever waits for it.
 */
export function settleSymbol(
  turn: Turn,
  state: AccountState,
  symbol: string,
  proof: FlatProof | null = null,
): void {
  const { accountId } = state.account;
  const position = positionOf(turn.desk, accountId, symbol);
  if (position === undefined) cancelLeftovers(turn, state, symbol);
  else {
    guardPosition(turn, state, symbol);
    const bot = position.botId === null ? undefined : turn.desk.bots.get(position.botId);
    if (bot !== undefined) placeTakeProfits(turn, state, bot);
  }
  for (const bot of [...turn.desk.bots.values()]) {
    if (bot.accountId === accountId && bot.symbol === symbol) advanceBot(turn, state, bot.botId, proof);
  }
  advanceEmergencies(turn, proof);
}

/** Exits of a position that is gone. An entry still working may fill yet: its exits are placed anew then. */
function cancelLeftovers(turn: Turn, state: AccountState, symbol: string): void {
  for (const order of openOrders(turn.desk, state.account.accountId, symbol)) {
    const isExit = order.purpose === 'take_profit' || order.purpose === 'stop' || order.purpose === 'exit';
    if (isExit && order.status !== 'submitting' && order.status !== 'unknown')
      requestCancel(turn, state, order);
  }
}
