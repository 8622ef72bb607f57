import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument, MarketsNow } from '../../../shared/domain/instrument.ts';
import type { Candle, Interval, OpenCandle, Quote } from '../../../shared/domain/market.ts';
import type { OpArgs, OpResult } from '../../../shared/protocol/ops.ts';
import type { BarSeries } from '../../core/strategy/strategy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Asker, MarketData } from '../../ports/deskGateway.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MarketFeed } from '../../ports/marketFeed.ts';
import { within } from '../deadline.ts';
import { barsToHold } from './barsToHold.ts';
import { chartBars, closedBars } from './chartBars.ts';
import { type HubBar, inOrder } from './hubBar.ts';
import { type HubVenue, listable, marketsOf, pricesCome } from './hubVenue.ts';
import { FEED_START_MS, IDLE_SERIES_LIMIT } from './limits.ts';
import { MarketTrack, type TrackOutput } from './marketTrack.ts';
import { MinuteHistory } from './minuteHistory.ts';
import { HistoryTooShort, type SeriesEntry } from './seriesEntry.ts';

export type CandleUpdate = Omit<HubBar, 'revision' | 'candle'> & { candle: OpenCandle; closed: boolean };

/**
 * The one place where bars come from, for all desks: one series per venue, symbol and interval. A bar is delivered once,
 * after everything before it; bars that close together and arrive in one turn are delivered by symbol, then by interval.
 */
export class BarHub implements MarketData {
  readonly #feeds: readonly MarketFeed[];
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #venues = new Map<string, HubVenue>();
  readonly #barHandlers: ((bar: HubBar) => void)[] = [];
  readonly #quoteHandlers: ((quote: Quote) => void)[] = [];
  readonly #candleHandlers: ((update: CandleUpdate) => void)[] = [];
  readonly #instrumentHandlers: ((venue: string) => void)[] = [];
  readonly #work = new Set<Promise<unknown>>();
  /** What each watcher watches. */
  readonly #watching = new Map<string, SeriesEntry>();
  /** Series nobody watches, the longest unused first. */
  readonly #idle = new Set<SeriesEntry>();
  readonly #output: TrackOutput = {
    beforeMinute: (openTime) => {
      if (this.#batchMinute !== undefined && this.#batchMinute !== openTime) this.flush();
    },
    closed: (track, interval, candle, revision, minute) => {
      this.#batchMinute = minute;
      this.#batch.push({ venue: track.feed.venue, symbol: track.symbol, interval, candle, revision });
      this.#scheduleFlush();
    },
    forming: (track, interval, candle) => {
      const update = { venue: track.feed.venue, symbol: track.symbol, interval, candle, closed: false };
      for (const handler of this.#candleHandlers) this.#guarded(() => handler(update));
    },
    working: (work) => {
      this.#work.add(work);
      void work.then(() => this.#work.delete(work));
    },
  };
  #batch: HubBar[] = [];
  #batchMinute: number | undefined;
  #flushScheduled = false;

  constructor(options: { feeds: readonly MarketFeed[]; logger: Logger; clock: Clock }) {
    this.#feeds = options.feeds;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  /** Loads instruments and starts the feeds. Rejects when a feed cannot start, or two feeds name the same venue. */
  async start(): Promise<void> {
    for (const feed of this.#feeds) {
      if (this.#venues.has(feed.venue)) throw new Error(`two feeds for venue ${feed.venue}`);
      const venue: HubVenue = {
        feed,
        instruments: new Map(),
        tracks: new Map(),
        history: new MinuteHistory(feed, this.#clock),
      };
      const asked = within(this.#clock, FEED_START_MS, `instruments of ${feed.venue}`, feed.instruments());
      this.#list(venue, await asked);
      this.#venues.set(feed.venue, venue);
    }
    for (const venue of this.#venues.values()) {
      const { feed, tracks } = venue;
      const started = feed.start({
        onQuote: (quote, minuteVolume) => this.#onQuote(tracks.get(quote.symbol), quote, minuteVolume),
        onBar: (bar) => tracks.get(bar.symbol)?.onBar(bar),
        onGap: (symbol, reason) => tracks.get(symbol)?.onGap(reason),
        onInstruments: (instruments) => {
          this.#list(venue, instruments);
          for (const handler of this.#instrumentHandlers) this.#guarded(() => handler(feed.venue));
        },
      });
      await within(this.#clock, FEED_START_MS, `the feed of ${feed.venue}`, started);
    }
  }

  async stop(): Promise<void> {
    for (const { tracks } of this.#venues.values()) for (const track of tracks.values()) track.stop();
    await Promise.all([...this.#venues.values()].map(({ feed }) => feed.stop()));
  }

  /** Every closed bar of every series built, in order; corrections too. */
  onBarClosed(handler: (bar: HubBar) => void): void {
    this.#barHandlers.push(handler);
  }

  onQuote(handler: (quote: Quote) => void): void {
    this.#quoteHandlers.push(handler);
  }

  onCandle(handler: (update: CandleUpdate) => void): void {
    this.#candleHandlers.push(handler);
  }

  /** Delivers what has arrived, without waiting for the end of the turn. */
  flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchMinute = undefined;
    batch.sort(inOrder);
    for (const bar of batch) {
      for (const handler of this.#barHandlers) this.#guarded(() => handler(bar));
      const { venue, symbol, interval, candle } = bar;
      for (const handler of this.#candleHandlers)
        this.#guarded(() => handler({ venue, symbol, interval, candle, closed: true }));
    }
  }

  /** Resolves when no gap and no window is being filled and everything is delivered. */
  async settled(): Promise<void> {
    this.flush();
    while (this.#work.size > 0) {
      await Promise.all(this.#work);
      this.flush();
    }
  }

  /** For reproducible runs: feeds wait for this hub, then for `settled`, after every step of market time. */
  setBarrier(settled: () => Promise<void>): void {
    for (const feed of this.#feeds) {
      feed.setBarrier?.(async () => {
        await this.settled();
        await settled();
      });
    }
  }

  /**
   * Resolves when at least `bars` closed bars are held, from history where needed, and where there is that much of it also
   * before the bar that opened at `since`. Whoever watches, watches this series and no other from now on, also before it
   * resolves, and none when it rejects. Rejects with HistoryTooShort, or with a clear error when the market is unknown, `bars` is out of bounds or
   * history cannot be read.
   */
  async watch(
    watcher: string,
    { venue, symbol, interval }: { venue: string; symbol: string; interval: Interval },
    bars: number,
    since: number | null = null,
  ): Promise<void> {
    const track = this.#track(venue, symbol);
    if (track === undefined) throw new Error(`unknown market ${venue}.${symbol}`);
    const wanted = barsToHold(interval, bars, since === null ? 0 : track.nextMinute() - since);
    const entry = track.entry(interval);
    if (this.#watching.get(watcher) !== entry) this.unwatch(watcher);
    this.#watching.set(watcher, entry);
    entry.watchers.add(watcher);
    this.#idle.delete(entry);
    try {
      await entry.ensure(wanted);
    } catch (error) {
      if (error instanceof HistoryTooShort && error.have >= bars) return;
      if (this.#watching.get(watcher) === entry) this.unwatch(watcher);
      throw error;
    }
  }

  /** One watcher less. The series goes on being built while there is room, so that watching again is free. */
  unwatch(watcher: string): void {
    const entry = this.#watching.get(watcher);
    if (entry === undefined) return;
    this.#watching.delete(watcher);
    entry.watchers.delete(watcher);
    if (entry.watchers.size === 0 && !entry.pinned) this.#rest(entry);
  }

  /**
   * Exactly the last `bars` closed bars, or those up to the bar that opened at `lastOpenTime`. Undefined while fewer are
   * held, or while a minute is missing. Shared by all callers: not to be changed.
   */
  series(
    venue: string,
    symbol: string,
    interval: Interval,
    bars: number,
    lastOpenTime?: number,
  ): BarSeries | undefined {
    return this.#track(venue, symbol)?.series(interval, bars, lastOpenTime);
  }

  /** The newest quote is recent in market time and the feed was not interrupted since. */
  isFresh(venue: string, symbol: string): boolean {
    return this.#track(venue, symbol)?.isFresh() ?? false;
  }

  latestQuote(venue: string, symbol: string): Quote | undefined {
    const track = this.#track(venue, symbol);
    return track?.quote ?? track?.feed.latest(symbol);
  }

  instrument(venue: string, symbol: string): Instrument | undefined {
    return this.#venues.get(venue)?.instruments.get(symbol);
  }

  /** Prices come at every venue: of none are all markets over, or standing still. */
  get goesOn(): boolean {
    return [...this.#venues.values()].every(pricesCome);
  }

  marketsNow(venue: string): MarketsNow | undefined {
    const known = this.#venues.get(venue);
    return known === undefined ? undefined : marketsOf(known);
  }

  onInstruments(handler: (venue: string) => void): void {
    this.#instrumentHandlers.push(handler);
  }

  /** Market milliseconds since 1970; undefined for an unknown venue. */
  marketTime(venue: string): number | undefined {
    return this.#venues.get(venue)?.feed.marketTime();
  }

  marketTimes(): Record<string, number> {
    return Object.fromEntries([...this.#venues].map(([venue, { feed }]) => [venue, feed.marketTime()]));
  }

  /** Market milliseconds per wall millisecond; 1 for an unknown venue. */
  speed(venue: string): number {
    return this.#venues.get(venue)?.feed.speed ?? 1;
  }

  watchCandles(venue: string, symbol: string, interval: Interval): void {
    const track = this.#track(venue, symbol);
    if (track === undefined || track.entries.get(interval)?.pinned === true) return;
    const entry = track.entry(interval);
    entry.pinned = true;
    this.#idle.delete(entry);
    entry.ensure(chartBars(interval)).catch((error: unknown) => {
      // A chart shows what there is.
      if (!(error instanceof HistoryTooShort))
        this.#logger.warn({ venue, symbol, interval, err: error }, 'no history for a chart');
    });
  }

  /**
   * Closed bars with openTime < `before`, oldest first; fewer than `limit` where history ends or is too long to read.
   * Bars that nobody holds are read in the turn of `asker`, or before all turns.
   */
  async candles(
    { venue, symbol, interval, before, limit }: OpArgs<'market.candles'>,
    asker: Asker | null = null,
  ): Promise<Candle[]> {
    const track = this.#track(venue, symbol);
    if (track === undefined) return [];
    return closedBars(track, interval, before, limit, asker);
  }

  async openCandle(
    venue: string,
    symbol: string,
    interval: Interval,
    asker: Asker | null,
  ): Promise<OpenCandle | null> {
    return (await this.#track(venue, symbol)?.openBar(interval, asker)) ?? null;
  }

  async instruments(venue: string): Promise<OpResult<'market.instruments'> | undefined> {
    const known = this.#venues.get(venue);
    return known === undefined ? undefined : { instruments: [...known.instruments.values()] };
  }

  hasMarket(venue: string, symbol: string): boolean {
    return this.#track(venue, symbol) !== undefined;
  }

  #track(venue: string, symbol: string): MarketTrack | undefined {
    return this.#venues.get(venue)?.tracks.get(symbol);
  }

  /** What is decided from now on reads these facts. Bars are as they were: they are built from prices alone. */
  #list(venue: HubVenue, instruments: Instrument[]): void {
    const { feed, tracks, history } = venue;
    const listed = listable(instruments, this.#logger);
    venue.instruments = new Map(listed.map((instrument) => [instrument.symbol, instrument]));
    for (const symbol of venue.instruments.keys()) {
      if (tracks.has(symbol)) continue;
      tracks.set(symbol, new MarketTrack({ feed, symbol, history }, this.#output, this.#clock, this.#logger));
    }
  }

  /** Nobody needs it any more. */
  #rest(entry: SeriesEntry): void {
    this.#idle.delete(entry);
    this.#idle.add(entry);
    for (const oldest of this.#idle) {
      if (this.#idle.size <= IDLE_SERIES_LIMIT) break;
      this.#idle.delete(oldest);
      oldest.forget();
    }
  }

  #onQuote(track: MarketTrack | undefined, quote: Quote, minuteVolume: Decimal | null): void {
    if (track === undefined) return;
    // A price of the next minute must not overtake the bar before it.
    if (this.#batch.some((bar) => bar.symbol === quote.symbol && bar.venue === quote.venue)) this.flush();
    track.onQuote(quote, minuteVolume);
    for (const handler of this.#quoteHandlers) this.#guarded(() => handler(quote));
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#clock.soon(() => {
      this.#flushScheduled = false;
      this.flush();
    });
  }

  /** One listener's failure is not another's. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#logger.error({ err: error }, 'a market data listener failed');
    }
  }
}
