import type { Bot } from '../../shared/domain/bot.ts';
import type { BotLogLine } from '../../shared/domain/botNote.ts';
import { noteText, reasonText } from '../i18n/serverWords.ts';
import { t } from '../i18n/text.ts';

export interface BotWords {
  /** Why it is in its state, or what it is doing. */
  first: string;
  /** What it is doing besides; null: nothing that the first does not say. */
  second: string | null;
}

/**
 * What a bot is doing, waiting for, or suffering from. The reason of its state comes first: what it said before hides
 * nothing. `line` is the newest of its log; the note on the desk moves only when the kind of reason changes.
 */
export function botWords(bot: Bot, line: BotLogLine | undefined): BotWords {
  const reason = bot.reason === null ? null : reasonText(bot.reason);
  const newest = line !== undefined && line.ts >= (bot.note?.ts ?? 0) ? line : bot.note;
  const says = newest === null ? null : noteText(newest);
  switch (bot.state) {
    case 'stopped':
      return { first: reason ?? t('bot.why.stopped'), second: null };
    case 'starting':
    case 'stopping':
    case 'halted':
    case 'error':
      return { first: reason ?? t(`state.${bot.state}`), second: null };
    case 'paused':
      return { first: reason ?? t('bot.why.paused'), second: null };
    case 'holding':
      return { first: reason ?? t('bot.why.holding'), second: says };
    default:
      return reason === null
        ? { first: says ?? t('bot.why.none'), second: null }
        : { first: reason, second: says };
  }
}
