import type { Breach } from '../../shared/domain/account.ts';
import { figureText } from '../i18n/figureText.ts';
import { limitName, t } from '../i18n/text.ts';

/** A daily loss ends with its day and by nothing else; the others are released by hand. */
export const endsWithDay = ({ limit }: Breach): boolean => limit === 'daily_loss';

export function breachText({ limit, actual, allowed }: Breach): string {
  const words = { limit: limitName(limit), actual: figureText(actual), allowed: figureText(allowed) };
  return t('alerts.breach', words);
}
