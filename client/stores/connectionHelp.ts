import { formatTime } from '../../shared/words/time.ts';
import { t } from '../i18n/text.ts';
import type { ConnectionStore } from './connection.svelte.ts';
import { preferences } from './preferences.svelte.ts';

/** What the state of the connection means for what is seen. */
export function connectionHelp({ state, asOf }: Pick<ConnectionStore, 'state' | 'asOf'>): string {
  if (state === 'logged_out') return '';
  if (asOf === null && (state === 'offline' || state === 'stale')) return t('conn.offline.never');
  return t(`conn.${state}.help`, { time: formatTime(asOf ?? 0, preferences.locale) });
}
