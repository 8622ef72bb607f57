import { explain, moveBot } from '../botState/botState.ts';
import type { InputOf } from '../inputs.ts';
import type { Turn } from '../turn/turn.ts';
import { advanceBot } from './advanceBot.ts';

/** The history that a start asked for is there, or cannot be had. */
export function warmupEnded(turn: Turn, ended: InputOf<'WarmupEnded'>): void {
  const { botId, failure, tooShort, symbol, interval } = ended;
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return;
  // History that was wanted before it was stopped, edited and started again.
  if (bot.symbol !== symbol || bot.interval !== interval) return;
  if (failure === null) advanceBot(turn, state, botId, null);
  else if (bot.state === 'starting' && tooShort) explain(turn, bot, { code: 'awaits_history', figures: {} });
  else if (bot.state === 'starting')
    moveBot(turn, bot, 'error', { reason: { code: 'no_history', figures: {} } });
}
