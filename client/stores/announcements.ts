import type { DeskFrame } from '../../shared/protocol/frames.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';
import { formatDuration } from '../../shared/words/time.ts';
import { causeText } from '../i18n/serverWords.ts';
import { limitName, t } from '../i18n/text.ts';
import { preferences } from './preferences.svelte.ts';
import type { ToastStore } from './toasts.svelte.ts';

/**
 * Says aloud what nobody should have to look for. Only what happens now: a snapshot brings no messages. Fills and stops
 * that did their work are in the feed.
 */
export function announceFrames(client: Pick<FillwireClient, 'onView'>, toasts: ToastStore): void {
  client.onView(({ frames }) => {
    if (frames === 'snapshot') return;
    for (const frame of frames) announce(frame, toasts);
  });
}

function announce(frame: DeskFrame, toasts: ToastStore): void {
  switch (frame.kind) {
    case 'StopFailed': {
      const { position, reason } = frame.data;
      toasts.show(
        'error',
        t('toast.stopFailed', { market: position.symbol, reason: causeText(reason) }),
        null,
        `stopFailed:${position.symbol}`,
      );
      break;
    }
    case 'Unprotected': {
      const { position, ms } = frame.data;
      const time = formatDuration(ms, preferences.locale);
      toasts.show(
        'error',
        t('toast.unprotected', { market: position.symbol, time }),
        null,
        `unprotected:${position.symbol}`,
      );
      break;
    }
    case 'LimitBreached':
      toasts.show(
        'error',
        t('toast.limit', { limit: limitName(frame.data.limits.breaches.at(-1)?.limit ?? '') }),
      );
      break;
    default:
  }
}
