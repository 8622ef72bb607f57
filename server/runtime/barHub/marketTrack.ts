import type { Decimal } from '../../../shared/domain/decimal.ts';
import {
  type Candle,
  INTERVAL_MS,
  type Interval,
  type OpenCandle,
  type Quote,
} from '../../../shared/domain/market.ts';
import { barOpenTime, fillEmptyMinutes, MINUTE_MS, mergeBars } from '../../core/market/barBuilder.ts';
import type { BarSeries } from '../../core/strategy/strategy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Asker } from '../../ports/deskGateway.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ClosedBar, MarketFeed } from '../../ports/marketFeed.ts';
import { FormingBars, withMinute } from './formingBars.ts';
import {
  GAP_MINUTES_LIMIT,
  GAP_RETRY_MAX_MS,
  GAP_RETRY_MS,
  PENDING_MINUTES_LIMIT,
  QUOTE_FRESH_MS,
  RECENT_MINUTES_LIMIT,
  SIMULATED_QUOTE_FRESH_MS,
  STANDSTILL_MS,
} from './limits.ts';
import type { MinuteHistory } from './minuteHistory.ts';
import type { HistoryReader } from './pageSlots.ts';
import { SeriesEntry } from './seriesEntry.ts';

/** The stream of minutes, which all else waits for. */
const STREAM: HistoryReader = { rank: 'trading', signal: null };

/** What a track tells the hub. */
export interface TrackOutput {
  /** Before the minute that opened at `openTime` changes any series. */
  beforeMinute(openTime: number): void;
  closed(track: MarketTrack, interval: Interval, candle: Candle, revision: number, minute: number): void;
  forming(track: MarketTrack, interval: Interval, candle: OpenCandle): void;
  /** Work that has begun and will end by itself; settled() waits for it. */
  working(work: Promise<unknown>): void;
}

/**
 * One market: its stream of minutes, each once and in order, whatever the feed does. Everything built from minutes
 * (series of any interval, also those still being filled from history) follows this one stream.
 */
export class MarketTrack {
  readonly feed: MarketFeed;
  readonly symbol: string;
  readonly history: MinuteHistory;
  readonly output: TrackOutput;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly #entries = new Map<Interval, SeriesEntry>();
  readonly #forming: FormingBars;
  /** The newest minute of the stream; all before it has been applied. */
  #lastMinute: number | undefined;
  /** Minutes that arrived after a hole. */
  readonly #pending = new Map<number, ClosedBar>();
  readonly #recent = new Map<number, ClosedBar>();
  #filling = false;
  #retryMs = GAP_RETRY_MS;
  #quote: Quote | undefined;
  /** When it came, or when we began to wait for one: by our own clock, and as server time. */
  #quotedAt: { elapsed: number; time: number };
  /** The feed was interrupted: no quote since; no minute since. */
  #quoteLost = false;
  #minuteLost = false;
  #stopped = false;

  constructor(
    { feed, symbol, history }: Pick<MarketTrack, 'feed' | 'symbol' | 'history'>,
    output: TrackOutput,
    clock: Clock,
    logger: Logger,
  ) {
    this.feed = feed;
    this.symbol = symbol;
    this.history = history;
    this.output = output;
    this.clock = clock;
    this.logger = logger;
    this.#forming = new FormingBars(clock);
    this.#quotedAt = { elapsed: clock.elapsed(), time: clock.now() };
  }

  get quote(): Quote | undefined {
    return this.#quote;
  }

  get entries(): ReadonlyMap<Interval, SeriesEntry> {
    return this.#entries;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** No minute is missing up to the newest one. */
  get gapFree(): boolean {
    return !this.#minuteLost && !this.#filling && this.#pending.size === 0;
  }

  /** Minutes the stream still holds, oldest first. */
  get recentMinutes(): Candle[] {
    return [...this.#recent.values()].map((bar) => bar.candle);
  }

  isFresh(): boolean {
    if (this.#quote === undefined || this.#quoteLost) return false;
    const freshForMs = QUOTE_FRESH_MS * Math.max(1, this.feed.speed);
    const limitMs = this.feed.simulated ? Math.max(SIMULATED_QUOTE_FRESH_MS, freshForMs) : freshForMs;
    // A market may stand still, and its time with it: then our own clock tells.
    const isRecent = this.#waitedMs() <= Math.max(QUOTE_FRESH_MS, limitMs / Math.max(1, this.feed.speed));
    return isRecent && this.feed.marketTime() - this.#quote.ts <= limitMs;
  }

  /** Server time since when no price came, once that is long ago; null: its prices go on. */
  stillSince(): number | null {
    const patienceMs = STANDSTILL_MS / Math.min(1, this.feed.speed);
    return this.#waitedMs() > patienceMs ? this.#quotedAt.time : null;
  }

  /** Ms of our own clock since the last price. */
  #waitedMs(): number {
    return this.clock.elapsed() - this.#quotedAt.elapsed;
  }

  entry(interval: Interval): SeriesEntry {
    const known = this.#entries.get(interval);
    if (known !== undefined) return known;
    const entry = new SeriesEntry(this, interval);
    this.#entries.set(interval, entry);
    return entry;
  }

  forget(interval: Interval): void {
    this.#entries.delete(interval);
  }

  series(interval: Interval, bars: number, lastOpenTime: number | undefined): BarSeries | undefined {
    return this.gapFree ? this.#entries.get(interval)?.series?.window.series(bars, lastOpenTime) : undefined;
  }

  /** Open time of the first minute not yet in the stream: where history ends for who joins now. */
  nextMinute(): number {
    // The stream begins here for all who join before the first bar arrives, so that none of them misses a minute.
    this.#lastMinute ??= barOpenTime(this.feed.marketTime(), '1m') - MINUTE_MS;
    return this.#lastMinute + MINUTE_MS;
  }

  stop(): void {
    this.#stopped = true;
  }

  onQuote(quote: Quote, minuteVolume: Decimal | null): void {
    this.#quote = quote;
    this.#quotedAt = { elapsed: this.clock.elapsed(), time: this.clock.now() };
    this.#quoteLost = false;
    this.#forming.extend(quote, minuteVolume);
    const nextMinute = this.nextMinute();
    for (const [interval, entry] of this.#entries) {
      if (!entry.pinned) continue;
      const candle = this.#forming.bar(interval, entry.series?.forming, nextMinute);
      if (candle !== undefined) this.output.forming(this, interval, candle);
    }
  }

  /** The bar of `interval` that is open, as it is so far; null: no price of its newest minute came yet. */
  async openBar(interval: Interval, asker: Asker | null): Promise<OpenCandle | null> {
    const minute = this.#forming.minute(this.nextMinute());
    if (minute === undefined) return null;
    const openTime = barOpenTime(minute.openTime, interval);
    if (openTime === minute.openTime) return minute;
    const held = this.#entries.get(interval)?.series?.forming;
    if (held?.openTime === openTime) return withMinute(held, minute);
    // Whole hours and the minutes after them, which are built once, and are few even of a day.
    const hour = Math.max(openTime, barOpenTime(minute.openTime, '1h'));
    const hours = await this.#past('1h', openTime, hour, asker);
    const minutes = await this.#past('1m', hour, minute.openTime, asker);
    if (hours === undefined || minutes === undefined) return null;
    const [first, ...rest] = [...hours, ...minutes];
    return first === undefined ? null : withMinute(rest.reduce(mergeBars, first), minute);
  }

  onGap(reason: string): void {
    this.logger.warn({ venue: this.feed.venue, symbol: this.symbol, reason }, 'market data interrupted');
    this.#quoteLost = true;
    this.#minuteLost = true;
  }

  onBar(bar: ClosedBar): void {
    const { openTime } = bar.candle;
    if (bar.interval !== '1m' || barOpenTime(openTime, '1m') !== openTime) {
      this.logger.error({ venue: this.feed.venue, bar }, 'not a minute bar; dropped');
      return;
    }
    const expected = this.#lastMinute === undefined ? openTime : this.#lastMinute + MINUTE_MS;
    if (openTime < expected) {
      this.#correct(bar);
    } else if (openTime > expected || this.#filling) {
      this.#pending.set(openTime, bar);
      if (this.#pending.size > PENDING_MINUTES_LIMIT) this.#pending.delete(Math.min(...this.#pending.keys()));
      this.#startFilling();
    } else {
      this.#accept(bar);
    }
  }

  #accept(bar: ClosedBar): void {
    const { candle } = bar;
    this.output.beforeMinute(candle.openTime);
    this.#lastMinute = candle.openTime;
    this.#minuteLost = false;
    this.#remember(bar);
    for (const entry of this.#byLength()) {
      const closed = entry.add(candle);
      if (closed !== undefined) this.output.closed(this, entry.interval, closed, 0, candle.openTime);
    }
  }

  /** A minute the stream has passed: a repetition changes nothing, a correction is applied wherever it counts. */
  #correct(bar: ClosedBar): void {
    const known = this.#recent.get(bar.candle.openTime);
    if (bar.revision <= (known?.revision ?? 0)) return;
    this.output.beforeMinute(bar.candle.openTime);
    if (known !== undefined) this.#recent.set(bar.candle.openTime, bar);
    this.history.past.correct(this.symbol, bar.candle.openTime);
    for (const entry of this.#byLength()) {
      const result = entry.revise(bar.candle);
      if (result?.kind === 'closed') {
        this.output.closed(this, entry.interval, result.candle, result.revision, bar.candle.openTime);
      }
    }
  }

  /** All bars of [from, to); undefined: the history begins later, or lags behind. */
  async #past(
    interval: Interval,
    from: number,
    to: number,
    asker: Asker | null,
  ): Promise<Candle[] | undefined> {
    if (from === to) return [];
    const bars = await this.history.past.read({ symbol: this.symbol, interval, from, to }, asker);
    return bars.length === (to - from) / INTERVAL_MS[interval] ? bars : undefined;
  }

  #byLength(): SeriesEntry[] {
    return [...this.#entries.values()].sort((a, b) => INTERVAL_MS[a.interval] - INTERVAL_MS[b.interval]);
  }

  #remember(bar: ClosedBar): void {
    this.#recent.set(bar.candle.openTime, bar);
    if (this.#recent.size <= RECENT_MINUTES_LIMIT) return;
    // Inserted in time order, so the first is the oldest.
    for (const oldest of this.#recent.keys()) {
      this.#recent.delete(oldest);
      break;
    }
  }

  #startFilling(): void {
    if (this.#filling || this.#stopped) return;
    this.#filling = true;
    this.output.working(
      this.#fill().then(
        (done) => this.#afterFilling(done),
        (error: unknown) => {
          this.logger.warn(
            { venue: this.feed.venue, symbol: this.symbol, err: error },
            'a gap cannot be filled yet',
          );
          this.#afterFilling(false);
        },
      ),
    );
  }

  #afterFilling(done: boolean): void {
    if (done) {
      this.#filling = false;
      this.#retryMs = GAP_RETRY_MS;
      // What arrived in the very last moment.
      if (this.#pending.size > 0) this.#startFilling();
      return;
    }
    this.clock.after(this.#retryMs, () => {
      this.#filling = false;
      if (!this.#stopped) this.#startFilling();
    });
    this.#retryMs = Math.min(2 * this.#retryMs, GAP_RETRY_MAX_MS);
  }

  /** Fills holes and delivers what waited, in order. False: the history does not reach far enough yet. */
  async #fill(): Promise<boolean> {
    while (this.#pending.size > 0 && !this.#stopped) {
      const expected = this.nextMinute();
      const first = Math.min(...this.#pending.keys());
      const waiting = this.#pending.get(first);
      if (waiting === undefined) return true;
      if (first <= expected) {
        this.#pending.delete(first);
        if (first === expected) this.#accept(waiting);
        else this.#correct(waiting);
        continue;
      }
      if (first - expected > GAP_MINUTES_LIMIT * MINUTE_MS) {
        this.#restart();
        return true;
      }
      const known = await this.history.range(this.symbol, expected, first + MINUTE_MS, STREAM);
      const newest = known[known.length - 1];
      if (newest === undefined || newest.openTime < first - MINUTE_MS) return false;
      const before = this.#recent.get(expected - MINUTE_MS)?.candle;
      const missing = fillEmptyMinutes(known, before).filter((minute) => minute.openTime < first);
      if (missing[0]?.openTime !== expected) return false;
      for (const candle of missing)
        this.#accept({ symbol: this.symbol, interval: '1m', candle, revision: 0 });
    }
    return true;
  }

  /** After a gap too long to deliver: the stream goes on with what arrives next, every series is filled anew. */
  #restart(): void {
    const newest = Math.max(...this.#pending.keys());
    const missed = (newest - this.nextMinute()) / MINUTE_MS;
    this.logger.warn(
      { venue: this.feed.venue, symbol: this.symbol, until: newest },
      'long gap: all series are filled anew',
    );
    this.#pending.clear();
    this.#recent.clear();
    this.#lastMinute = newest;
    this.#minuteLost = false;
    for (const entry of [...this.#entries.values()]) entry.restart(missed);
  }
}
