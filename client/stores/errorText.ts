import { ERROR_CODES, type ErrorCode } from '../../shared/protocol/errors.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { changeName, limitName, t } from '../i18n/text.ts';
import { preferences } from './preferences.svelte.ts';

export interface ErrorText {
  title: string;
  detail: string | null;
}

const str = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

/** Codes whose own message says more than our sentence for the code. */
const MESSAGE_FIRST: ReadonlySet<ErrorCode> = new Set([
  'denied',
  'bad_request',
  'exchange_rejected',
  'forbidden',
]);

/** An error in the user's words: what it means, and with a limit the actual figure beside the allowed one. */
export function errorText(error: unknown, ownDeviceId: string | null = null): ErrorText {
  if (!(error instanceof FillwireError)) {
    return { title: t('error.internal'), detail: error instanceof Error ? error.message : null };
  }
  const code = ERROR_CODES.find((known) => known === error.code) ?? 'internal';
  const parts: string[] = [];
  const details = error.details ?? {};
  const [limit, actual, allowed] = [str(details.limit), str(details.actual), str(details.allowed)];
  const figures =
    actual === null || allowed === null
      ? null
      : limit === null
        ? t('error.limitOnly', { actual, allowed })
        : t('error.limit', { limit: limitName(limit), actual, allowed });
  const winner = whoChanged(details, ownDeviceId);
  if (winner !== null) parts.push(winner);
  // In English the server's own sentence is the better title; in other languages it is the detail below ours.
  const messageIsTitle = preferences.locale === 'en' && MESSAGE_FIRST.has(code) && error.message !== '';
  if (!messageIsTitle && error.message !== '' && code !== 'internal') parts.push(error.message);
  if (figures !== null) parts.push(figures);
  return {
    title: messageIsTitle ? error.message : t(`error.${code}`),
    detail: parts.length > 0 ? parts.join(' · ') : null,
  };
}

function whoChanged(details: Record<string, unknown>, ownDeviceId: string | null): string | null {
  const changedBy = details.changedBy ?? details.deletedBy;
  if (typeof changedBy !== 'object' || changedBy === null) return null;
  const { deviceId, action } = changedBy as { deviceId?: unknown; action?: unknown };
  if (typeof action !== 'string') return null;
  const who = deviceId === ownDeviceId ? t('error.thisDevice') : t('error.otherDevice');
  return t('error.version_conflict.who', { action: changeName(action), who });
}
