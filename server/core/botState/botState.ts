import type { Bot } from '../../../shared/domain/bot.ts';
import type { BotReason } from '../../../shared/domain/botReason.ts';
import type { BotState } from '../../../shared/domain/botState.ts';
import { isSameTold } from '../../../shared/domain/figures.ts';
import { resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/** Stands while a bot is halted because its symbol is delisted. */
export const delistedAlert = (botId: string): string => `delisted:${botId}`;

/** The one table of a bot's life. */
const NEXT: Record<BotState, ReadonlySet<BotState>> = {
  stopped: new Set(['starting', 'stopping']),
  starting: new Set(['running', 'paused', 'stopping', 'holding', 'halted', 'error']),
  running: new Set(['paused', 'stopping', 'holding', 'halted']),
  paused: new Set(['starting', 'stopping', 'holding', 'halted']),
  stopping: new Set(['stopped']),
  holding: new Set(['starting', 'stopping', 'stopped', 'halted']),
  halted: new Set(['starting', 'stopping', 'holding']),
  error: new Set(['starting', 'stopping', 'holding', 'halted']),
};

function mayMove(from: BotState, to: BotState): boolean {
  return NEXT[from].has(to);
}

/** Moves a bot to another state; throws where the table has no such move, since that is a bug of the caller. */
export function moveBot(turn: Turn, bot: Bot, state: BotState, change: Partial<Bot> = {}): Bot {
  if (!mayMove(bot.state, state)) throw new Error(`bot ${bot.botId}: ${bot.state} cannot become ${state}`);
  const next: Bot = { ...bot, closing: false, reason: null, ...change, state };
  turn.emit('BotStateChanged', { bot: next });
  if (bot.state === 'halted')
    for (const alertId of [delistedAlert(bot.botId), `ended:${bot.botId}`]) resolveAlert(turn, alertId);
  return next;
}

/** Shows what a bot in transition waits for; says nothing twice. */
export function explain(turn: Turn, bot: Bot, reason: BotReason): void {
  if (!isSameTold(bot.reason, reason)) turn.emit('BotStateChanged', { bot: { ...bot, reason } });
}

/** Latches a bot's entries for good; with `flatten` the engine brings it to flat as well. */
export function haltBot(turn: Turn, botId: string, reason: BotReason, flatten: boolean): void {
  const bot = turn.desk.bots.get(botId);
  if (bot === undefined || bot.state === 'stopped' || bot.state === 'stopping') return;
  if (bot.state === 'halted') {
    if (flatten && !bot.closing) turn.emit('BotStateChanged', { bot: { ...bot, closing: true, reason } });
    return;
  }
  const changedBy = { deviceId: null, action: 'halt', at: turn.wallTime };
  moveBot(turn, bot, 'halted', { reason, closing: flatten, version: bot.version + 1, changedBy });
}

/** What a versioned change of a bot writes down of itself. */
export function changed(turn: Turn, bot: Bot, action: string): Pick<Bot, 'version' | 'changedBy'> {
  return { version: bot.version + 1, changedBy: byNow(turn, action) };
}

/** Who does this, with what, when. */
export function byNow(turn: Turn, action: string): Bot['changedBy'] {
  return { deviceId: turn.by.deviceId, action, at: turn.wallTime };
}
