import type { Candle, Interval } from '../../../shared/domain/market.ts';
import { BarBuilder, fillEmptyMinutes, MINUTE_MS } from '../../core/market/barBuilder.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MarketFeed } from '../../ports/marketFeed.ts';
import { within } from '../deadline.ts';
import { HISTORY_ANSWER_MS, HISTORY_CONCURRENCY, HISTORY_PAGE_MINUTES } from './limits.ts';
import { PastBars } from './pastBars.ts';

/** Reads past minutes of a feed in pages, a bounded number of them at a time over all callers. */
export class MinuteHistory {
  /** Its whole bars, built once. */
  readonly past = new PastBars((symbol, interval, from, to) => this.#bars(symbol, interval, from, to));
  readonly #feed: MarketFeed;
  readonly #clock: Clock;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(feed: MarketFeed, clock: Clock) {
    this.#feed = feed;
    this.#clock = clock;
  }

  /**
   * The minutes of [from, to), oldest first, page by page, without holes: a minute the feed leaves out between two that
   * it has is an empty one. Starts where the feed's history starts, ends with the newest minute it has. Rejects with
   * the feed's error.
   */
  async *pages(symbol: string, from: number, to: number): AsyncGenerator<Candle[]> {
    const starts: number[] = [];
    for (let start = from; start < to; start += HISTORY_PAGE_MINUTES * MINUTE_MS) starts.push(start);
    const ahead: Promise<Candle[] | Error>[] = [];
    let previous: Candle | undefined;
    for (let index = 0; index < starts.length; index += 1) {
      while (ahead.length < HISTORY_CONCURRENCY && index + ahead.length < starts.length) {
        const start = starts[index + ahead.length] ?? to;
        // An error waits for its turn, so that no promise is left rejected and unheard.
        ahead.push(
          this.#page(symbol, start, Math.min(to, start + HISTORY_PAGE_MINUTES * MINUTE_MS)).catch(asError),
        );
      }
      const page = await ahead.shift();
      if (page instanceof Error) throw page;
      const filled = fillEmptyMinutes(page ?? [], previous);
      previous = filled[filled.length - 1] ?? previous;
      if (filled.length > 0) yield filled;
      // Long fillings share the loop with everything that is live.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** As `pages`, in one piece. */
  async range(symbol: string, from: number, to: number): Promise<Candle[]> {
    const minutes: Candle[] = [];
    for await (const page of this.pages(symbol, from, to)) for (const minute of page) minutes.push(minute);
    return minutes;
  }

  /** The whole bars of [from, to), oldest first. */
  async #bars(symbol: string, interval: Interval, from: number, to: number): Promise<Candle[]> {
    const builder = new BarBuilder(interval);
    const bars: Candle[] = [];
    for await (const page of this.pages(symbol, from, to)) {
      for (const minute of page) {
        const closed = builder.add(minute);
        if (closed !== undefined) bars.push(closed);
      }
    }
    return bars;
  }

  async #page(symbol: string, from: number, to: number): Promise<Candle[]> {
    if (this.#running >= HISTORY_CONCURRENCY)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      const asked = this.#feed.history(symbol, to, (to - from) / MINUTE_MS);
      const what = `history of ${this.#feed.venue}.${symbol}`;
      const minutes = await within(this.#clock, HISTORY_ANSWER_MS, what, asked);
      return minutes.filter((minute) => minute.openTime >= from && minute.openTime < to);
    } finally {
      // The slot passes on to who waits longest, or becomes free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
