import type { Account } from '../../shared/domain/account.ts';
import { marketKey } from '../../shared/domain/marketKey.ts';
import type { CatalogStore, VenueInfo } from './catalog.svelte.ts';

/** Markets of one venue in the same trouble. */
export type MarketNotice =
  | { venue: string; kind: 'ended'; symbols: string[] }
  | { venue: string; kind: 'still'; symbols: string[]; since: number };

type OnMarket = readonly { accountId: string; symbol: string }[];
interface Desk {
  bots: OnMarket;
  positions: OnMarket;
  orders: OnMarket;
  account(accountId: string): Pick<Account, 'venue'> | undefined;
}
type Catalog = Pick<CatalogStore, 'instruments' | 'trouble'> & {
  venues: readonly Pick<VenueInfo, 'venue'>[];
};

/** What is to be said of the markets that somebody has bots, positions or orders on, or looks at. */
export function marketNotices(
  catalog: Catalog,
  desk: Desk,
  quotes: { isWatched(venue: string, symbol: string): boolean },
): MarketNotice[] {
  const used = new Set(
    [...desk.bots, ...desk.positions, ...desk.orders].map(({ accountId, symbol }) =>
      marketKey(desk.account(accountId)?.venue ?? '', symbol),
    ),
  );
  return catalog.venues.flatMap(({ venue }) => {
    const ended: string[] = [];
    const still: string[] = [];
    let since = Number.POSITIVE_INFINITY;
    for (const { symbol } of catalog.instruments(venue)) {
      if (!used.has(marketKey(venue, symbol)) && !quotes.isWatched(venue, symbol)) continue;
      const trouble = catalog.trouble(venue, symbol);
      if (trouble?.kind === 'ended') ended.push(symbol);
      if (trouble?.kind !== 'still') continue;
      still.push(symbol);
      since = Math.min(since, trouble.since);
    }
    const notices: MarketNotice[] = [];
    if (ended.length > 0) notices.push({ venue, kind: 'ended', symbols: ended });
    if (still.length > 0) notices.push({ venue, kind: 'still', symbols: still, since });
    return notices;
  });
}
