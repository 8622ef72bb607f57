import type { Bot } from '../../../shared/domain/bot.ts';
import { badRequest, notFound, versionConflict } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { type CommandOutcome, refused } from './reply.ts';

export function noSuchBot(turn: Turn, botId: string): CommandOutcome {
  const gone = turn.desk.deletedBots.find((deleted) => deleted.botId === botId);
  if (gone === undefined) return refused(notFound(`there is no bot ${botId}`, { what: 'bot', id: botId }));
  const message = `the bot ${botId} is gone: ${who(gone.deletedBy)}`;
  return refused(notFound(message, { what: 'bot', id: botId, deletedBy: gone.deletedBy }));
}

/** The loser of a race is told who won, with what, when. */
export function conflict(bot: Bot, expected: number): CommandOutcome {
  const message = `the bot is at version ${bot.version}, not ${expected}: ${who(bot.changedBy)} came first`;
  return refused(versionConflict(message, { expected, actual: bot.version, changedBy: bot.changedBy }));
}

/** A change that the bot's state does not allow: the state is named, and who brought the bot there, with what and when. */
export function notInState(bot: Bot, rule: string): CommandOutcome {
  const { state, closing, version, changedBy } = bot;
  const now = closing && state !== 'stopping' ? `${state} and still closing` : state;
  return refused(
    badRequest('args.botId', `${rule}; it is ${now} since ${who(bot.changedBy)}`, [], {
      state,
      version,
      changedBy,
    }),
  );
}

function who({ deviceId, action, at }: Bot['changedBy']): string {
  return `${action} by ${deviceId ?? 'the engine'} at ${at}`;
}
