import { type Candle, INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';
import { barOpenTime, MINUTE_MS } from '../../core/market/barBuilder.ts';
import { IntervalSeries, type SeriesRevision } from './intervalSeries.ts';
import { GAP_RETRY_MS, HELD_BARS_LIMIT, WARM_ATTEMPTS, WARMING_MINUTES_LIMIT } from './limits.ts';
import type { MarketTrack } from './marketTrack.ts';
import type { HistoryReader, Rank } from './pageSlots.ts';

/** The feed's history holds fewer closed bars than were asked for. */
export class HistoryTooShort extends Error {
  readonly have: number;
  readonly need: number;

  constructor(market: string, interval: Interval, have: number, need: number) {
    super(`the history of ${market} is too short: ${have} of ${need} closed ${interval} bars`);
    this.name = 'HistoryTooShort';
    this.have = have;
    this.need = need;
  }
}

interface Warming {
  bars: number;
  done: Promise<void>;
  /** Minutes that arrive while history is read. */
  queue: Candle[];
  /** What was read is out of date: read again. */
  again: boolean;
}

/** One series of a market: who needs it, and how it is filled. While it is filled anew, the old one goes on. */
export class SeriesEntry implements HistoryReader {
  readonly interval: Interval;
  readonly #track: MarketTrack;
  /** Who watches it. */
  readonly watchers = new Set<string>();
  /** Charts show it: built for as long as the process runs. */
  pinned = false;
  series: IntervalSeries | undefined;
  readonly signal = null;
  #warming: Warming | undefined;
  #wanted = 0;

  constructor(track: MarketTrack, interval: Interval) {
    this.#track = track;
    this.interval = interval;
  }

  /** A bot that joins hurries on a filling that a chart began. */
  get rank(): Rank {
    return this.watchers.size > 0 ? 'trading' : 'live';
  }

  get idle(): boolean {
    return this.watchers.size === 0 && !this.pinned && this.#warming === undefined;
  }

  /** Ends with the filling that is under way for at most `bars` bars, however it ends. */
  async filled(bars: number): Promise<void> {
    const warming = this.#warming;
    if (warming !== undefined && warming.bars <= bars) await warming.done.catch(() => undefined);
  }

  /** Resolves when at least `bars` closed bars are held; rejects with HistoryTooShort or the feed's error. */
  async ensure(bars: number): Promise<void> {
    this.#wanted = Math.max(this.#wanted, bars);
    while (this.#warming !== undefined) {
      const warming = this.#warming;
      if (warming.bars >= bars) return warming.done;
      await warming.done.catch(() => undefined);
    }
    if ((this.series?.window.length ?? 0) >= bars) return;
    return this.#warm(bars);
  }

  add(minute: Candle): Candle | undefined {
    const warming = this.#warming;
    if (warming !== undefined) {
      warming.queue.push(minute);
      if (warming.queue.length > WARMING_MINUTES_LIMIT) {
        warming.queue = [];
        warming.again = true;
      }
    }
    return this.series?.add(minute);
  }

  revise(minute: Candle): SeriesRevision | undefined {
    if (this.#warming !== undefined) this.#warming.again = true;
    const result = this.series?.revise(minute);
    // Corrected too long ago for the minutes at hand: the window is read again.
    if (result?.kind === 'unknown' && this.#warming === undefined) this.#rewarm();
    return result;
  }

  /** Forgets all bars and fills the series anew, if anybody needs it: the missed ones and those before them. */
  restart(missedMinutes: number): void {
    this.series = undefined;
    if (this.#warming !== undefined) this.#warming.again = true;
    else if (this.idle) this.forget();
    else this.#rewarm(Math.ceil((missedMinutes * MINUTE_MS) / INTERVAL_MS[this.interval]));
  }

  /** Stops building it: nobody needs it. */
  forget(): void {
    if (this.idle) this.#track.forget(this.interval);
  }

  #rewarm(more = 0): void {
    const bars = Math.min(Math.max(1, this.#wanted) + more, HELD_BARS_LIMIT);
    void this.#warm(bars).catch((error: unknown) => {
      if (error instanceof HistoryTooShort || this.#track.stopped) return;
      this.#track.logger.warn(
        { symbol: this.#track.symbol, interval: this.interval, err: error },
        'series not filled yet',
      );
      this.#track.clock.after(GAP_RETRY_MS, () => {
        if (!this.#track.stopped && this.#warming === undefined) this.#rewarm(more);
      });
    });
  }

  #warm(bars: number): Promise<void> {
    const warming: Warming = { bars, queue: [], again: false, done: Promise.resolve() };
    this.#warming = warming;
    warming.done = this.#read(warming).finally(() => {
      this.#warming = undefined;
    });
    this.#track.output.working(warming.done.catch(() => undefined));
    return warming.done;
  }

  async #read(warming: Warming): Promise<void> {
    let failures = 0;
    for (;;) {
      warming.again = false;
      warming.queue = [];
      const end = this.#track.nextMinute();
      const fresh = await this.#fromHistory(warming.bars, end);
      if (warming.again && !this.#track.stopped) continue;
      if (fresh.lastMinute !== undefined && fresh.lastMinute + MINUTE_MS < end) {
        // The venue's history lags behind its own live bars.
        failures += 1;
        if (failures >= WARM_ATTEMPTS)
          throw new Error(`the history of ${this.#market()} ends before its live bars begin`);
        await new Promise<void>((resolve) => {
          this.#track.clock.after(GAP_RETRY_MS * 2 ** failures, resolve);
        });
        continue;
      }
      for (const minute of warming.queue) fresh.add(minute);
      this.series = fresh;
      if (fresh.window.length < warming.bars) {
        throw new HistoryTooShort(this.#market(), this.interval, fresh.window.length, warming.bars);
      }
      return;
    }
  }

  async #fromHistory(bars: number, end: number): Promise<IntervalSeries> {
    const fresh = new IntervalSeries(this.interval);
    const from = Math.max(0, barOpenTime(end, this.interval) - bars * INTERVAL_MS[this.interval]);
    for await (const page of this.#track.history.pages(this.#track.symbol, from, end, this)) {
      for (const minute of page) fresh.add(minute);
    }
    // What the history does not have yet, the stream may: the last minutes it delivered.
    for (const minute of this.#track.recentMinutes) {
      if (
        fresh.lastMinute !== undefined &&
        minute.openTime === fresh.lastMinute + MINUTE_MS &&
        minute.openTime < end
      ) {
        fresh.add(minute);
      }
    }
    return fresh;
  }

  #market(): string {
    return `${this.#track.feed.venue}.${this.#track.symbol}`;
  }
}
