import { INTERVAL_MS, type Quote } from '../../../../shared/domain/market.ts';
import type { QuotePart } from '../told/quotePart.ts';

const HOUR_MS = INTERVAL_MS['1h'];
/** Where a contract does not tell how often it is funded. */
const USUAL_HOURS = 8;

/** The prices of each market, put together of messages that each tell a part of them. */
export class Quotes {
  readonly #venue: string;
  readonly #known = new Map<string, QuotePart>();
  readonly #quotes = new Map<string, Quote>();

  constructor(venue: string) {
    this.#venue = venue;
  }

  latest(symbol: string): Quote | undefined {
    return this.#quotes.get(symbol);
  }

  /** Undefined: something is not known of it yet, or it is older than what is. */
  take(part: QuotePart, fundingHours: number | null): Quote | undefined {
    const old = this.#known.get(part.symbol);
    if (old !== undefined && part.ts < old.ts) return undefined;
    const now: QuotePart = {
      symbol: part.symbol,
      ts: part.ts,
      last: part.last ?? old?.last ?? null,
      bid: part.bid ?? old?.bid ?? null,
      ask: part.ask ?? old?.ask ?? null,
      mark: part.mark ?? old?.mark ?? null,
      index: part.index ?? old?.index ?? null,
      fundingRate: part.fundingRate ?? old?.fundingRate ?? null,
      nextFundingTime: part.nextFundingTime ?? old?.nextFundingTime ?? null,
    };
    this.#known.set(part.symbol, now);
    const { symbol, ts, last, bid, ask, mark, index, fundingRate } = now;
    if (last === null || bid === null || ask === null || mark === null) return undefined;
    if (index === null || fundingRate === null) return undefined;
    const isDue = now.nextFundingTime !== null && now.nextFundingTime > ts;
    const nextFundingTime = isDue ? (now.nextFundingTime ?? 0) : nextFunding(ts, fundingHours ?? USUAL_HOURS);
    const quote = {
      venue: this.#venue,
      symbol,
      ts,
      last,
      bid,
      ask,
      mark,
      index,
      fundingRate,
      nextFundingTime,
    };
    this.#quotes.set(symbol, quote);
    return quote;
  }

  forget(symbol: string): void {
    this.#known.delete(symbol);
    this.#quotes.delete(symbol);
  }
}

/** Fundings fall on whole multiples of their interval, by UTC. */
function nextFunding(ts: number, hours: number): number {
  const interval = hours * HOUR_MS;
  return Math.floor(ts / interval) * interval + interval;
}
