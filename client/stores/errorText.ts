import { type BotState, botStateSchema } from '../../shared/domain/botState.ts';
import type { Denial } from '../../shared/domain/denial.ts';
import type { Issue } from '../../shared/domain/errorDetails.ts';
import { ERROR_CODES, type ErrorCode } from '../../shared/protocol/errors.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import type { TextKey } from '../i18n/en.ts';
import { isMachineTalk } from '../i18n/machineTalk.ts';
import { denialText } from '../i18n/serverWords.ts';
import { changeName, t } from '../i18n/text.ts';
import { preferences } from './preferences.svelte.ts';

export interface ErrorText {
  title: string;
  detail: string | null;
}

const BOT_STATES: ReadonlySet<unknown> = new Set(botStateSchema.options);

/** Codes whose own message says more than our sentence for the code. */
const MESSAGE_FIRST: ReadonlySet<ErrorCode> = new Set(['bad_request', 'exchange_rejected', 'forbidden']);

/** An error in the user's words, once: what it means; of a denial each limit with its figures. */
export function errorText(error: unknown, ownDeviceId: string | null = null): ErrorText {
  if (!(error instanceof FillwireError)) {
    const isShown = preferences.locale === 'en' && error instanceof Error;
    return { title: t('error.internal'), detail: isShown ? error.message : null };
  }
  const code = ERROR_CODES.find((known) => known === error.code) ?? 'internal';
  const { details } = error;
  const winner = whoChanged(details, ownDeviceId);
  if (winner !== null)
    return { title: t(details.bot === undefined ? `error.${code}` : 'error.notNow'), detail: winner };
  const [first, ...others] = denialsOf(details).map(denialText);
  if (first !== undefined) return { title: first, detail: others.length === 0 ? null : others.join(' · ') };
  // What else the server says is in English, and for nobody who reads another language.
  const field = preferences.locale === 'en' ? null : fieldText(details);
  if (field !== null) return { title: field, detail: null };
  const isShown = preferences.locale === 'en' && code !== 'internal' && !isMachineTalk(error.message);
  const message = isShown ? saidOf(error) : '';
  if (message !== '' && MESSAGE_FIRST.has(code)) return { title: message, detail: null };
  return { title: t(`error.${code}`), detail: message === '' ? null : message };
}

/** The server's sentence; of a name it says by itself what it is about, without the path that a program needs. */
const saidOf = (error: FillwireError): string => error.message.replaceAll(/\bargs\.name: (?=a name )/g, '');

/** What people typed that will not do, by the path that the server names. */
const FIELD_TEXTS: Partial<Record<string, TextKey>> = {
  'args.name': 'error.name',
  email: 'error.email',
  password: 'error.password',
};

/** Of the first field that we have words for; null: of none. */
function fieldText({ issues }: Record<string, unknown>): string | null {
  for (const { path = '', character } of Array.isArray(issues) ? (issues as Partial<Issue>[]) : []) {
    if (path === 'args.name' && character !== undefined) return t('error.name.character', { character });
    const key = FIELD_TEXTS[path];
    if (key !== undefined) return t(key);
  }
  return null;
}

/** Each limit that stood against it, those of a newer server that we have no words for too. */
function denialsOf({ denials }: Record<string, unknown>): Denial[] {
  return Array.isArray(denials)
    ? denials.filter((one) => typeof (one as Denial | null)?.limit === 'string')
    : [];
}

/** What `unauthenticated` means while somebody logs in; null: it is something else. */
export const loginProblem = (error: unknown): ErrorText | null =>
  error instanceof FillwireError && error.code === 'unauthenticated'
    ? { title: t('auth.wrong'), detail: null }
    : null;

function whoChanged(details: Record<string, unknown>, ownDeviceId: string | null): string | null {
  const { bot } = details as { bot?: { state?: unknown; changedBy?: unknown } };
  const changedBy = details.changedBy ?? details.deletedBy ?? bot?.changedBy;
  if (typeof changedBy !== 'object' || changedBy === null) return null;
  const { deviceId, action } = changedBy as { deviceId?: unknown; action?: unknown };
  if (typeof action !== 'string') return null;
  const who = deviceId === ownDeviceId ? t('error.thisDevice') : t('error.otherDevice');
  const state = bot?.state;
  return BOT_STATES.has(state)
    ? t('error.state', { state: t(`state.${state as BotState}`), action: changeName(action), who })
    : t('error.version_conflict.who', { action: changeName(action), who });
}
