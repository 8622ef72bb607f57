import type { Bot } from '../../../shared/domain/bot.ts';
import { ZERO } from '../../../shared/domain/decimal.ts';
import { byNow, changed } from '../botState/botState.ts';
import type { BotConfig, Command } from '../commands.ts';
import { hasExposure } from '../desk.ts';
import { denial, denied } from '../rules/refusal.ts';
import { resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { conflict, noSuchBot, notInState } from './botVersion.ts';
import { configProblem } from './configProblem.ts';
import { type CommandOutcome, done, refused } from './reply.ts';
import { isSame } from './sameValue.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

export function createBot(turn: Turn, config: BotConfig): CommandOutcome {
  const most = turn.context.settings.maxBotsPerDesk;
  if (turn.desk.bots.size >= most) {
    return refused(denied([denial('bots_per_user', { actual: turn.desk.bots.size, allowed: most })]));
  }
  const problem = configProblem(turn, config, null);
  if (problem !== undefined) return problem;
  const botId = turn.id('bot', turn.desk.seq);
  const bot: Bot = {
    ...config,
    botId,
    venue: turn.desk.accounts.get(config.accountId)?.account.venue ?? '',
    state: 'stopped',
    closing: false,
    reason: null,
    version: 1,
    changedBy: byNow(turn, 'create'),
    note: null,
    plan: null,
    lastBarTime: null,
    cooldownUntil: null,
    stats: { trades: 0, wins: 0, realisedPnl: ZERO, fees: ZERO, funding: ZERO },
    createdAt: turn.wallTime,
    startedAt: null,
  };
  turn.emit('BotCreated', { bot });
  return done({ botId });
}

function configOf(bot: Bot): BotConfig {
  const {
    name,
    accountId,
    symbol,
    interval,
    strategy,
    params,
    allocationPct,
    leverage,
    marginMode,
    onRestart,
  } = bot;
  return {
    name,
    accountId,
    symbol,
    interval,
    strategy,
    params,
    allocationPct,
    leverage,
    marginMode,
    onRestart,
  };
}

/** Editable only when flat: stopped, or in error with nothing left. */
function isEditable(turn: Turn, bot: Bot): boolean {
  return (bot.state === 'stopped' || bot.state === 'error') && !hasExposure(turn.desk, bot);
}

export function updateBot(turn: Turn, command: Of<'UpdateBot'>, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(command.botId);
  if (bot === undefined) return noSuchBot(turn, command.botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  if (!isEditable(turn, bot)) return notInState(bot, 'a bot is editable only when stopped and flat');
  const config: BotConfig = { ...configOf(bot), ...command.change };
  const problem = configProblem(turn, config, bot.botId);
  if (problem !== undefined) return problem;
  const venue = turn.desk.accounts.get(config.accountId)?.account.venue ?? bot.venue;
  if (isSame(config, configOf(bot))) return done({ version: bot.version });
  // Where it was, the wait goes on: it is the account's and the symbol's.
  const isElsewhere = config.accountId !== bot.accountId || config.symbol !== bot.symbol;
  const cooldownUntil = isElsewhere ? null : bot.cooldownUntil;
  const change = changed(turn, bot, 'update');
  turn.emit('BotUpdated', { bot: { ...bot, ...config, venue, cooldownUntil, ...change } });
  return done({ version: change.version });
}

export function cloneBot(turn: Turn, command: Of<'CloneBot'>, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(command.botId);
  if (bot === undefined) return noSuchBot(turn, command.botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  const allocationPct = command.allocationPct ?? bot.allocationPct;
  return createBot(turn, { ...configOf(bot), name: command.name, allocationPct });
}

export function deleteBot(turn: Turn, botId: string, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  if (bot === undefined) return noSuchBot(turn, botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  if (!isEditable(turn, bot)) return notInState(bot, 'a bot can be deleted only when stopped and flat');
  for (const name of ['entry', 'delisted', 'ended']) resolveAlert(turn, `${name}:${botId}`);
  turn.emit('BotDeleted', { botId, deletedBy: byNow(turn, 'delete') });
  return done();
}
