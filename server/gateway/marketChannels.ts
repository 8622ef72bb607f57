import { INTERVALS, type Interval, type Quote } from '../../shared/domain/market.ts';
import type { Clock } from '../ports/clock.ts';
import type { MarketData } from '../ports/deskGateway.ts';
import { CandleChannel, type CandleMarket } from './candleChannel.ts';
import type { Channel, Publish } from './channel.ts';
import { LatestGroup, type LatestSource } from './latestChannel.ts';
import { conflationBucket, type GatewayLimits } from './limits.ts';
import type { TurnQueue } from './turnQueue.ts';

export interface MarketContext {
  market: MarketData;
  clock: Clock;
  publish: Publish;
  turns: TurnQueue;
  limits: GatewayLimits;
}

/** The newest quote of one market; its push is made once, when somebody needs it. */
class QuoteSource implements LatestSource {
  readonly #channel: string;
  readonly #clock: Clock;
  #quote: Quote | undefined;
  #made: Buffer | null = null;

  constructor(channel: string, quote: Quote | undefined, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;

    this.#quote = quote;
  }

  offer(quote: Quote): void {
    this.#quote = quote;
    this.#made = null;
  }

  message(): Buffer | null {
    if (this.#quote === undefined) return null;
    if (this.#made !== null) return this.#made;
    const push = { ch: this.#channel, kind: 'ticker', ts: this.#clock.now(), data: this.#quote };
    this.#made = Buffer.from(JSON.stringify(push));
    return this.#made;
  }
}

/** The markets of one venue. What stands still is only found by looking. */
class MarketsSource implements LatestSource {
  readonly #venue: string;
  readonly #context: MarketContext;
  #standing: string;

  constructor(venue: string, context: MarketContext) {
    this.#venue = venue;
    this.#context = context;

    this.#standing = this.#stillNow();
  }

  /** True: other markets than before stand still. */
  look(): boolean {
    const before = this.#standing;
    this.#standing = this.#stillNow();
    return this.#standing !== before;
  }

  message(): Buffer | null {
    const data = this.#context.market.marketsNow(this.#venue);
    if (data === undefined) return null;
    const push = { ch: `markets:${this.#venue}`, kind: 'markets', ts: this.#context.clock.now(), data };
    return Buffer.from(JSON.stringify(push));
  }

  #stillNow(): string {
    const standstills = this.#context.market.marketsNow(this.#venue)?.standstills ?? [];
    return standstills.map(({ symbol }) => symbol).join();
  }
}

interface Markets {
  source: MarketsSource;
  group: LatestGroup;
}

interface Ticker {
  source: QuoteSource;
  group: LatestGroup;
}

/** The channels of market data, the same for every user. */
export class MarketChannels {
  readonly #context: MarketContext;
  readonly #tickers = new Map<string, Ticker>();
  /** By venue. */
  readonly #markets = new Map<string, Markets>();
  /** By channel name, then by interval in ms. */
  readonly #candles = new Map<string, Map<number, CandleChannel>>();

  constructor(context: MarketContext) {
    this.#context = context;
    context.market.onQuote((quote) => {
      const ticker = this.#tickers.get(`ticker:${quote.venue}.${quote.symbol}`);
      ticker?.source.offer(quote);
      ticker?.group.touch();
    });
    context.market.onInstruments((venue) => {
      const markets = this.#markets.get(venue);
      markets?.source.look();
      markets?.group.touch();
    });
    context.market.onCandle(({ venue, symbol, interval, candle, closed }) => {
      const name = `candles:${venue}.${symbol}.${interval}`;
      const channels = this.#candles.get(name);
      if (channels === undefined) return;
      const push = { ch: name, kind: 'candle', ts: context.clock.now(), data: { ...candle, closed } };
      const message = Buffer.from(JSON.stringify(push));
      for (const channel of channels.values()) channel.update(candle, closed, message);
    });
  }

  /** False: there is no such market. */
  exists(name: string): boolean {
    const venue = venueOf(name);
    if (venue !== undefined) return this.#context.market.marketsNow(venue) !== undefined;
    const place = placeOf(name);
    return place !== undefined && this.#context.market.hasMarket(place.venue, place.symbol);
  }

  /** The channel of an existing market. */
  channel(name: string, intervalMs: number | undefined): Channel | undefined {
    const ofVenue = venueOf(name);
    if (ofVenue !== undefined) return this.#venueMarkets(name, ofVenue).channel(intervalMs);
    const place = placeOf(name);
    if (place === undefined) return undefined;
    const { venue, symbol, interval } = place;
    return interval === undefined
      ? this.#ticker(name, venue, symbol).channel(intervalMs)
      : this.#candleChannel(name, { venue, symbol, interval }, intervalMs);
  }

  /** Sends what waited for its interval, and tells of markets that stand still, or go on. */
  sweep(): void {
    for (const { source, group } of this.#markets.values()) {
      if (source.look()) group.touch();
      group.sweep();
    }
    for (const { group } of this.#tickers.values()) group.sweep();
    for (const channels of this.#candles.values()) for (const channel of channels.values()) channel.sweep();
  }

  #venueMarkets(name: string, venue: string): LatestGroup {
    const known = this.#markets.get(venue);
    if (known !== undefined) return known.group;
    const source = new MarketsSource(venue, this.#context);
    const group = new LatestGroup(name, name, source, this.#context, () => this.#markets.delete(venue));
    this.#markets.set(venue, { source, group });
    return group;
  }

  #ticker(name: string, venue: string, symbol: string): LatestGroup {
    const known = this.#tickers.get(name);
    if (known !== undefined) return known.group;
    const source = new QuoteSource(
      name,
      this.#context.market.latestQuote(venue, symbol),
      this.#context.clock,
    );
    const group = new LatestGroup(name, name, source, this.#context, () => this.#tickers.delete(name));
    this.#tickers.set(name, { source, group });
    return group;
  }

  #candleChannel(name: string, place: CandleMarket, intervalMs: number | undefined): CandleChannel {
    const bucket = conflationBucket(intervalMs);
    let channels = this.#candles.get(name);
    if (channels === undefined) {
      channels = new Map();
      this.#candles.set(name, channels);
    }
    let channel = channels.get(bucket);
    if (channel === undefined) {
      this.#context.market.watchCandles(place.venue, place.symbol, place.interval);
      const context = { ...this.#context, recentLimit: this.#context.limits.candleRecent };
      channel = new CandleChannel(name, place, bucket, context, () => this.#forget(name, bucket));
      channels.set(bucket, channel);
    }
    return channel;
  }

  #forget(name: string, bucket: number): void {
    const channels = this.#candles.get(name);
    channels?.delete(bucket);
    if (channels?.size === 0) this.#candles.delete(name);
  }
}

/** The venue whose markets a channel tells of; undefined: it is another channel. */
function venueOf(name: string): string | undefined {
  return /^markets:([^.]+)$/.exec(name)?.[1];
}

/** The market that a channel names; undefined: it is no market channel. */
function placeOf(
  name: string,
): { venue: string; symbol: string; interval: Interval | undefined } | undefined {
  // A symbol may have dots, a venue and an interval have none.
  const [, ofTicker, tickerSymbol] = /^ticker:([^.]+)\.(.+)$/.exec(name) ?? [];
  if (ofTicker !== undefined && tickerSymbol !== undefined)
    return { venue: ofTicker, symbol: tickerSymbol, interval: undefined };
  const [, venue, symbol, intervalText] = /^candles:([^.]+)\.(.+)\.([^.]+)$/.exec(name) ?? [];
  const interval = INTERVALS.find((known) => known === intervalText);
  if (venue === undefined || symbol === undefined || interval === undefined) return undefined;
  return { venue, symbol, interval };
}
