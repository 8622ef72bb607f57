import type { Bot } from '../../shared/domain/bot.ts';
import { serverText, t } from '../i18n/text.ts';

/** What a bot is doing, waiting for, or suffering from, in one sentence. A note of before a stop says nothing any more. */
export function botWords(bot: Bot): string {
  switch (bot.state) {
    case 'stopped':
      return bot.reason === null ? t('bot.why.stopped') : serverText(bot.reason);
    case 'starting':
    case 'stopping':
      return bot.reason === null ? t(`state.${bot.state}`) : t('bot.waitingFor', { reason: bot.reason });
    case 'halted':
    case 'error':
      return bot.reason === null ? t(`state.${bot.state}`) : serverText(bot.reason);
    default:
      return bot.note?.text ?? bot.reason ?? t('bot.why.none');
  }
}
