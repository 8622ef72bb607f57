import type { Bot } from '../../../shared/domain/bot.ts';
import type { BotReason } from '../../../shared/domain/botReason.ts';
import { advanceBot } from '../bot/advanceBot.ts';
import { askForStart } from '../bot/askForStart.ts';
import { startDenials } from '../bot/startDenials.ts';
import { changed, moveBot } from '../botState/botState.ts';
import type { Scope } from '../commands.ts';
import { botPosition } from '../desk.ts';
import { denied, type Refusal } from '../rules/refusal.ts';
import { settleSymbol } from '../settle/settleSymbol.ts';
import type { Turn } from '../turn/turn.ts';
import { conflict, noSuchBot, notInState } from './botVersion.ts';
import { configProblem } from './configProblem.ts';
import { type CommandOutcome, done, refused } from './reply.ts';
import { botsInScope } from './scope.ts';

const STARTABLE: ReadonlySet<Bot['state']> = new Set(['stopped', 'halted', 'error']);

export function startBot(turn: Turn, botId: string, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return noSuchBot(turn, botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  if (bot.state === 'starting' || bot.state === 'running') return done();
  if (!STARTABLE.has(bot.state) || bot.closing)
    return notInState(bot, 'a bot starts when it is stopped, halted or in error');
  const problem = configProblem(turn, bot, bot.botId);
  if (problem !== undefined) return problem;
  const denials = startDenials(turn, state, bot);
  if (denials.length > 0) return refused(denied(denials));
  askForStart(turn, state, moveBot(turn, bot, 'starting', changed(turn, bot, 'start')));
  advanceBot(turn, state, botId, null);
  return done();
}

export function pauseBot(turn: Turn, botId: string): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return noSuchBot(turn, botId);
  if (bot.state === 'paused') return sayAgain(turn, bot, 'pause');
  if (bot.state !== 'running' && bot.state !== 'starting')
    return notInState(bot, 'only a running bot can be paused');
  moveBot(turn, bot, 'paused', changed(turn, bot, 'pause'));
  settleSymbol(turn, state, bot.symbol);
  return done();
}

export function resumeBot(turn: Turn, botId: string, expected: number | null): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return noSuchBot(turn, botId);
  if (expected !== null && expected !== bot.version) return conflict(bot, expected);
  if (bot.state === 'running' || bot.state === 'starting') return done();
  if (bot.state !== 'paused' && bot.state !== 'holding')
    return notInState(bot, 'only a paused or holding bot can be resumed');
  const denials = startDenials(turn, state, bot);
  if (denials.length > 0) return refused(denied(denials));
  askForStart(turn, state, moveBot(turn, bot, 'starting', changed(turn, bot, 'resume')));
  advanceBot(turn, state, botId, null);
  return done();
}

/** Stop always wins: it takes no version, and nothing that runs can refuse it. */
export function stopBot(turn: Turn, botId: string, positions: 'close' | 'hold'): CommandOutcome {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return noSuchBot(turn, botId);
  // A close under way is not called back by a later hold.
  if (bot.state === 'stopped' || bot.state === 'stopping') return sayAgain(turn, bot, 'stop');
  const holds = positions === 'hold' && botPosition(turn.desk, bot) !== undefined;
  if (holds && (bot.state === 'holding' || bot.closing)) return sayAgain(turn, bot, 'hold');
  if (holds) moveBot(turn, bot, 'holding', changed(turn, bot, 'hold'));
  else moveBot(turn, bot, 'stopping', { closing: true, ...changed(turn, bot, 'stop') });
  settleSymbol(turn, state, bot.symbol);
  return done();
}

/** Nothing is left to do, but a start that was sent before this, and arrives after it, must lose: its version is old. */
function sayAgain(turn: Turn, bot: Bot, action: string): CommandOutcome {
  turn.emit('BotUpdated', { bot: { ...bot, ...changed(turn, bot, action) } });
  return done();
}

export function startBots(turn: Turn, scope: Scope): CommandOutcome {
  const botIds: string[] = [];
  const refusals: Record<string, BotReason> = {};
  for (const bot of botsInScope(turn, scope)) {
    if (bot.state !== 'stopped') continue;
    const outcome = startBot(turn, bot.botId, null);
    if (outcome.ok) botIds.push(bot.botId);
    else refusals[bot.botId] = whyNot(outcome.refusal);
  }
  return done({ botIds, refusals });
}

/** Of a bot that is stopped: what denies its start, or a configuration that this server does not know. */
function whyNot(refusal: Refusal): BotReason {
  if (refusal.code !== 'denied') return { code: 'strategy_unknown', figures: {} };
  return { code: 'denied', figures: { denials: refusal.details.denials } };
}

export function stopBots(turn: Turn, scope: Scope, positions: 'close' | 'hold'): CommandOutcome {
  const botIds: string[] = [];
  for (const bot of botsInScope(turn, scope)) {
    stopBot(turn, bot.botId, positions);
    if (bot.state !== 'stopped') botIds.push(bot.botId);
  }
  return done({ botIds });
}
