import { add, type Decimal, sub, ZERO } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/fill.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';
import { formatPnl } from '../../shared/words/number.ts';
import { formatDuration } from '../../shared/words/time.ts';
import { t } from '../i18n/text.ts';
import { preferences } from './preferences.svelte.ts';
import type { ToastStore } from './toasts.svelte.ts';

/** Who was away for less saw it happen, or nearly, ms. */
export const AWAY_MS = 10_000;

interface Sum {
  fills: number;
  /** Realised, less fees, in the settlement coin. */
  net: Decimal;
}

/** The fills after `last`, by account; `complete`: `last` is still remembered, so that none is missing. */
export function fillsSince(
  fills: readonly Fill[],
  last: Fill | undefined,
): { byAccount: Map<string, Sum>; complete: boolean } {
  const at = last === undefined ? -1 : fills.findLastIndex(({ fillId }) => fillId === last.fillId);
  const byAccount = new Map<string, Sum>();
  for (const { accountId, realisedPnl, fee } of fills.slice(at + 1)) {
    const sum = byAccount.get(accountId) ?? { fills: 0, net: ZERO };
    byAccount.set(accountId, { fills: sum.fills + 1, net: add(sum.net, sub(realisedPnl, fee)) });
  }
  return { byAccount, complete: last === undefined || at >= 0 };
}

type Page = Pick<Document, 'hidden' | 'addEventListener'>;

/** Tells whoever comes back, to the page or to the network, in one message what was filled meanwhile. */
export function tellWhatWasMissed(
  client: Pick<FillwireClient, 'view' | 'status' | 'onStatus' | 'position'>,
  toasts: ToastStore,
  page: Page,
  now: () => number = Date.now,
): void {
  let left: { at: number; last: Fill | undefined } | null = null;
  const look = (): void => {
    const isHere = client.status.state === 'live' && !page.hidden;
    if (!isHere) {
      if (client.position !== undefined) left ??= { at: now(), last: client.view.fills.at(-1) };
      return;
    }
    if (left !== null && now() - left.at >= AWAY_MS) tell(left.at, left.last);
    left = null;
  };
  function tell(at: number, last: Fill | undefined): void {
    const { byAccount, complete } = fillsSince(client.view.fills, last);
    if (byAccount.size === 0) return;
    const rows = [...byAccount].map(([accountId, { fills, net }]) =>
      t('away.account', {
        account: client.view.accounts[accountId]?.name ?? accountId,
        fills: complete ? fills : `${fills}+`,
        net: formatPnl(net, preferences.locale),
      }),
    );
    const time = formatDuration(now() - at, preferences.locale);
    toasts.show('note', t('away.title', { time }), rows.join(' · '), 'away');
  }
  client.onStatus(look);
  page.addEventListener('visibilitychange', look);
}
