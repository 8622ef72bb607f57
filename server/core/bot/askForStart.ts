import type { Bot } from '../../../shared/domain/bot.ts';
import type { AccountState } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';
import { firstMissed } from './barsDue.ts';
import { paramsOf } from './paramsOf.ts';

/** Asks for what a start needs: settings at the venue, and bars to warm up on. Safe to repeat. */
export function askForStart(turn: Turn, state: AccountState, bot: Bot): void {
  const { venue } = state.account;
  const { accountId, symbol, leverage, marginMode } = bot;
  const configured = state.configured.get(symbol);
  if (configured?.leverage !== leverage || configured.marginMode !== marginMode) {
    turn.effect({ type: 'ConfigureSymbol', accountId, venue, symbol, leverage, marginMode });
  }
  askForBars(turn, state, bot);
}

/** Has the bars of the bot's market built, back to where its strategy warms up. */
export function askForBars(turn: Turn, state: AccountState, bot: Bot): void {
  const strategy = turn.context.strategy(bot.strategy);
  const params = strategy && paramsOf(strategy, bot);
  if (strategy === undefined || params === undefined) return;
  const { botId, symbol, interval } = bot;
  const bars = strategy.warmupBars(params.data);
  const { venue } = state.account;
  const since = firstMissed(turn.desk, { venue, symbol, interval });
  turn.effect({ type: 'WatchBars', botId, venue, symbol, interval, bars, since });
}
