import type { Instrument, MarketsNow } from '../../../shared/domain/instrument.ts';
import { symbolSchema } from '../../../shared/domain/symbol.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MarketFeed } from '../../ports/marketFeed.ts';
import type { MarketTrack } from './marketTrack.ts';
import type { MinuteHistory } from './minuteHistory.ts';

/** What the hub keeps of a venue. */
export interface HubVenue {
  feed: MarketFeed;
  /** Those traded now; a track outlives its instrument, whose past can still be looked at. */
  instruments: ReadonlyMap<string, Instrument>;
  tracks: Map<string, MarketTrack>;
  history: MinuteHistory;
}

/** Those that can be named in a request: a market that is listed can be traded, and one that cannot is not listed. */
export function listable(instruments: readonly Instrument[], logger: Logger): Instrument[] {
  return instruments.filter((instrument) => {
    const { venue, symbol } = instrument;
    const isNamed = symbolSchema.safeParse(symbol).success;
    if (!isNamed) logger.warn({ venue, symbol }, 'a market is left out: its symbol is none');
    return isNamed;
  });
}

/** Its markets as they are now, with those whose prices stand still though they are not over. */
export function marketsOf({ instruments, tracks }: HubVenue): MarketsNow {
  const listed = [...instruments.values()];
  const standstills = listed.flatMap(({ symbol, status }) => {
    const since = status === 'ended' ? null : (tracks.get(symbol)?.stillSince() ?? null);
    return since === null ? [] : [{ symbol, since }];
  });
  return { instruments: listed, standstills };
}

/** Not all of its markets are over, or stand still. */
export function pricesCome(venue: HubVenue): boolean {
  const { instruments, standstills } = marketsOf(venue);
  const open = instruments.filter(({ status }) => status !== 'ended');
  return instruments.length === 0 || open.length > standstills.length;
}
