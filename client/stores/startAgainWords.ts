import type { Breach } from '../../shared/domain/account.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import { t } from '../i18n/text.ts';
import { endsWithDay } from './breachWords.ts';

/** How a bot that was halted is started again: it never is by itself. Null: it was not halted. */
export function startAgainWords(
  bot: Pick<Bot, 'state'>,
  breaches: readonly Breach[],
  isLatched: boolean,
): string | null {
  if (bot.state !== 'halted' && bot.state !== 'error') return null;
  if (isLatched || breaches.some((breach) => !endsWithDay(breach))) return t('bot.again.release');
  return t(breaches.length > 0 ? 'bot.again.day' : 'bot.again.start');
}
