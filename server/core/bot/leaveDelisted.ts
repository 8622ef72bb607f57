import type { Bot, BotState } from '../../../shared/domain/bot.ts';
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
  const reason = `${bot.symbol} is ${status === undefined ? 'no longer traded' : 'being delisted'} at the venue`;
  haltBot(turn, bot.botId, reason, true);
  raiseAlert(turn, {
    alertId: delistedAlert(bot.botId),
    severity: 'critical',
    code: 'symbol_delisted',
    message: `${reason}: ${bot.name} closes its position and stays halted.`,
    accountId: bot.accountId,
    botId: bot.botId,
  });
}

/** A market that is over: what its bot holds stays under its stop, as no price would mean anything. */
function leaveEnded(turn: Turn, bot: Bot): void {
  const reason = `the market of ${bot.symbol} has ended`;
  haltBot(turn, bot.botId, reason, false);
  raiseAlert(turn, {
    alertId: `ended:${bot.botId}`,
    severity: 'warning',
    code: 'market_ended',
    message: `${reason}: ${bot.name} is halted and enters no more; what it holds keeps its stop.`,
    accountId: bot.accountId,
    botId: bot.botId,
  });
}
