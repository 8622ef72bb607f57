import type { Instrument } from '../../shared/domain/instrument.ts';
import { formatTime, formatWhen } from '../../shared/words/time.ts';
import { t } from '../i18n/text.ts';
import type { MarketTrouble } from './catalog.svelte.ts';
import { preferences } from './preferences.svelte.ts';

/** A time of day by the market's clock, which may run faster than ours. */
export const marketTime = (ts: number): string =>
  t('time.market', { time: formatTime(ts, preferences.locale) });

/** A market in a list to choose from. */
export const marketOption = ({ symbol, status }: Instrument): string =>
  status === 'ended' ? t('market.ended.option', { symbol }) : symbol;

/** Why a market takes no entry by hand (`entry`), or what that means for a bot (`start`); null: nothing is wrong. */
export function marketWords(
  trouble: MarketTrouble | null,
  symbol: string,
  of: 'entry' | 'start',
): string | null {
  if (trouble === null) return null;
  if (trouble.kind === 'ended') return t(`market.ended.${of}`, { symbol });
  return t(`market.still.${of}`, {
    symbol,
    time: formatWhen(trouble.since, Date.now(), preferences.locale),
  });
}
