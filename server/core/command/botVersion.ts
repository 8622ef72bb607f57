import type { Bot } from '../../../shared/domain/bot.ts';
import { refuse } from '../refusal.ts';
import type { Turn } from '../turn.ts';
import { type CommandOutcome, refused } from './reply.ts';

export function noSuchBot(botId: string): CommandOutcome {
  return refused(refuse('not_found', `there is no bot ${botId}`, { botId }));
}

/** The loser of a race is told who won, with what, when. */
export function conflict(bot: Bot, expected: number): CommandOutcome {
  const { deviceId, action, at } = bot.changedBy;
  const message = `the bot is at version ${bot.version}, not ${expected}: ${action} came first`;
  return refused(
    refuse('version_conflict', message, {
      expected,
      actual: bot.version,
      changedBy: { deviceId, action, at },
    }),
  );
}

/** What a versioned change of a bot writes down of itself. */
export function changed(turn: Turn, bot: Bot, action: string): Pick<Bot, 'version' | 'changedBy'> {
  return { version: bot.version + 1, changedBy: { deviceId: turn.by.deviceId, action, at: turn.wallTime } };
}
