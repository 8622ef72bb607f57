import type { Bot } from '../../../shared/domain/bot.ts';
import type { BotNote } from '../../../shared/domain/botNote.ts';
import type { Turn } from '../turn/turn.ts';

/** Kinds of reasons: with other figures the same is said. */
function kindOf(said: BotNote): string {
  const { code } = said;
  return code === 'denied' || code === 'denied_always' ? `${code}:${said.figures.denial.limit}` : code;
}

/** The log gets every line. */
export function logNote(turn: Turn, bot: Bot, said: BotNote): void {
  turn.effect({ type: 'Say', botId: bot.botId, said });
}

/** The desk is told when the reason changes. */
export function showNote(turn: Turn, bot: Bot, said: BotNote): void {
  const current = turn.desk.bots.get(bot.botId) ?? bot;
  if (current.note !== null && kindOf(current.note) === kindOf(said)) return;
  turn.emit('BotNote', { bot: { ...current, note: { ...said, ts: turn.wallTime } } });
}

export function sayNote(turn: Turn, bot: Bot, said: BotNote): void {
  logNote(turn, bot, said);
  showNote(turn, bot, said);
}
