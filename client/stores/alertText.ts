import type { Alert } from '../../shared/domain/alert.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import type { TextKey } from '../i18n/en.ts';
import { serverText, t } from '../i18n/text.ts';

/** Alerts whose words need nothing but their bot. */
const OF_BOT: Readonly<Record<string, TextKey>> = {
  market_ended: 'alert.market_ended',
};

/** What an alert says, in the chosen language; in the server's words where we have none. */
export function alertText(alert: Alert, bot: Pick<Bot, 'name' | 'symbol'> | undefined): string {
  const key = OF_BOT[alert.code];
  if (key === undefined || bot === undefined) return serverText(alert.message);
  return t(key, { name: bot.name, symbol: bot.symbol });
}
