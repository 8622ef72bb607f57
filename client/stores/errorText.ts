import { type BotState, botStateSchema } from '../../shared/domain/bot.ts';
import { ERROR_CODES, type ErrorCode } from '../../shared/protocol/errors.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { figureText, isFigure } from '../i18n/figureText.ts';
import { isMachineTalk } from '../i18n/plainWords.ts';
import { changeName, limitName, serverText, t } from '../i18n/text.ts';
import { preferences } from './preferences.svelte.ts';

export interface ErrorText {
  title: string;
  detail: string | null;
}

const BOT_STATES: ReadonlySet<unknown> = new Set(botStateSchema.options);

/** Codes whose own message says more than our sentence for the code. */
const MESSAGE_FIRST: ReadonlySet<ErrorCode> = new Set([
  'denied',
  'bad_request',
  'exchange_rejected',
  'forbidden',
]);

/** An error in the user's words, once: what it means, with a limit the actual figure beside the allowed one. */
export function errorText(error: unknown, ownDeviceId: string | null = null): ErrorText {
  if (!(error instanceof FillwireError)) {
    return { title: t('error.internal'), detail: error instanceof Error ? error.message : null };
  }
  const code = ERROR_CODES.find((known) => known === error.code) ?? 'internal';
  const { details } = error;
  const winner = whoChanged(details, ownDeviceId);
  if (winner !== null)
    return { title: t(details.bot === undefined ? `error.${code}` : 'error.notNow'), detail: winner };
  const message = code === 'internal' || isMachineTalk(error.message) ? '' : serverText(saidOf(error));
  const [first, ...others] = boundsOf(details, message).map(denialText);
  if (first !== undefined) {
    const parts = [first.detail, ...others.map(({ title }) => title)].filter((part) => part !== null);
    return { title: first.title, detail: parts.length === 0 ? null : parts.join(' · ') };
  }
  // In English the server's own sentence is the better title; in other languages it is the detail below ours.
  const isTitle = preferences.locale === 'en' && MESSAGE_FIRST.has(code) && message !== '';
  if (isTitle) return { title: message, detail: null };
  return { title: t(`error.${code}`), detail: message === '' ? null : message };
}

/** What `unauthenticated` means while somebody logs in; null: it is something else. */
export const loginProblem = (error: unknown): ErrorText | null =>
  error instanceof FillwireError && error.code === 'unauthenticated'
    ? { title: t('auth.wrong'), detail: null }
    : null;

/** The server's sentence; of a name it says by itself what it is about, without the path that a program needs. */
const saidOf = (error: FillwireError): string => error.message.replaceAll(/\bargs\.name: (?=a name )/g, '');

/** What was asked and what is allowed, of each limit that stood against it. */
function boundsOf(details: Record<string, unknown>, message: string): Bound[] {
  const bounds: unknown[] = Array.isArray(details.denials) ? details.denials : [{ ...details, message }];
  return bounds.filter(isBound);
}

function isBound(bound: unknown): bound is Bound {
  const { limit, actual, allowed, message } = bound as { [K in keyof Bound]: unknown };
  return [limit, actual, allowed, message].every((text) => typeof text === 'string');
}

interface Bound {
  limit: string;
  actual: string;
  allowed: string;
  message: string;
}

/** What an order or a bot is denied for. Figures are told once: in our words, or in a sentence that has them. */
export function denialText(denial: Bound): ErrorText {
  const { limit, message } = denial;
  const [actual, allowed] = [figureText(denial.actual), figureText(denial.allowed)];
  const breach = limit === 'limit_breached' ? /^(\w+) (.+)$/.exec(denial.actual) : null;
  if (breach !== null) {
    const [, broken = '', by = ''] = breach;
    const words = { limit: limitName(broken), actual: figureText(by), allowed };
    return { title: t('alerts.breach', words), detail: null };
  }
  if (isFigure(denial.actual) && isFigure(denial.allowed)) {
    const title = t('error.limit', { limit: limitName(limit), actual, allowed });
    const repeats = message.includes(denial.actual) && message.includes(denial.allowed);
    return { title, detail: repeats || message === '' || preferences.locale !== 'en' ? null : message };
  }
  if (preferences.locale === 'en' && message !== '') return { title: message, detail: null };
  return {
    title: t('error.deniedFor', { limit: limitName(limit) }),
    detail: message === '' ? null : serverText(message),
  };
}

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
