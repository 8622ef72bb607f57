import type { Bot } from '../../../shared/domain/bot.ts';
import type { BotState } from '../../../shared/domain/botState.ts';
import { delistedAlert, haltBot } from '../botState/botState.ts';
import type { AccountState } from '../desk.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/** A start under way ends by itself; a holding bot keeps what it holds until the venue settles it, as its owner wanted. */
const LEAVING: ReadonlySet<BotState> = new Set(['running', 'paused']);

/** A symbol that the venue takes no entries for any more, or does not know: its bots close, and say why. */
export function leaveDelisted(turn: Turn, state: AccountState, bot: Bot): void {
  if (!LEAVING.has(bot.state)) return;
  const status = turn.context.instrument(state.account.venue, bot.symbol)?.status;
  // `halted` passes; meanwhile nothing can be sent.
  if (status === 'trading' || status === 'halted') return;
  if (status === 'ended') {
    leaveEnded(turn, bot);
    return;
  }
  const { symbol } = bot;
  const how = status === undefined ? 'delisted' : 'delisting';
  haltBot(turn, bot.botId, { code: how, figures: { symbol } }, true);
  raiseAlert(turn, {
    alertId: delistedAlert(bot.botId),
    severity: 'critical',
    code: 'symbol_delisted',
    figures: { symbol, bot: bot.name, how },
    accountId: bot.accountId,
    botId: bot.botId,
  });
}

/** A market that is over: what its bot holds stays under its stop, as no price would mean anything. */
function leaveEnded(turn: Turn, bot: Bot): void {
  const { symbol } = bot;
  haltBot(turn, bot.botId, { code: 'market_ended', figures: { symbol } }, false);
  raiseAlert(turn, {
    alertId: `ended:${bot.botId}`,
    severity: 'warning',
    code: 'market_ended',
    figures: { symbol, bot: bot.name },
    accountId: bot.accountId,
    botId: bot.botId,
  });
}
