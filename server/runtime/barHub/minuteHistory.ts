import type { Candle } from '../../../shared/domain/market.ts';
import { BarBuilder, fillEmptyMinutes, MINUTE_MS } from '../../core/market/barBuilder.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MarketFeed } from '../../ports/marketFeed.ts';
import { within } from '../deadline.ts';
import {
  HISTORY_ANSWER_MS,
  HISTORY_CONCURRENCY,
  HISTORY_PAGE_MINUTES,
  PAST_PAGES_AT_ONCE,
} from './limits.ts';
import { type HistoryReader, PageSlots } from './pageSlots.ts';
import { PastBars } from './pastBars.ts';
import { barsBetween, type Stretch } from './stretch.ts';

/** Reads past minutes of a feed in pages, a bounded number of them at a time over all callers. */
export class MinuteHistory {
  /** Its whole bars, built once. */
  readonly past: PastBars;
  readonly #feed: MarketFeed;
  readonly #clock: Clock;
  readonly #slots = new PageSlots();

  constructor(feed: MarketFeed, clock: Clock) {
    this.#feed = feed;
    this.#clock = clock;
    this.past = new PastBars(clock, (stretch, reader) => this.#bars(stretch, reader));
  }

  /**
   * The minutes of [from, to), oldest first, page by page, without holes: a minute the feed leaves out between two that
   * it has is an empty one. Starts where the feed's history starts, ends with the newest minute it has. Rejects with
   * the feed's error, or, between two pages, with the reason for which nobody waits for it any more.
   */
  async *pages(symbol: string, from: number, to: number, reader: HistoryReader): AsyncGenerator<Candle[]> {
    const pagesAhead = reader.rank === 'past' ? PAST_PAGES_AT_ONCE : HISTORY_CONCURRENCY;
    const starts: number[] = [];
    for (let start = from; start < to; start += HISTORY_PAGE_MINUTES * MINUTE_MS) starts.push(start);
    const ahead: Promise<Candle[] | Error>[] = [];
    let previous: Candle | undefined;
    for (let index = 0; index < starts.length; index += 1) {
      while (ahead.length < pagesAhead && index + ahead.length < starts.length) {
        const start = starts[index + ahead.length] ?? to;
        const end = Math.min(to, start + HISTORY_PAGE_MINUTES * MINUTE_MS);
        // An error waits for its turn, so that no promise is left rejected and unheard.
        ahead.push(this.#slots.run(reader, () => this.#page(symbol, start, end)).catch(asError));
      }
      const page = await ahead.shift();
      if (page instanceof Error) throw page;
      const filled = fillEmptyMinutes(page ?? [], previous);
      previous = filled[filled.length - 1] ?? previous;
      if (filled.length > 0) yield filled;
      // Long fillings share the loop with everything that is live.
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
      reader.signal?.throwIfAborted();
    }
  }

  /** As `pages`, in one piece. */
  async range(symbol: string, from: number, to: number, reader: HistoryReader): Promise<Candle[]> {
    const minutes: Candle[] = [];
    for await (const page of this.pages(symbol, from, to, reader))
      for (const minute of page) minutes.push(minute);
    return minutes;
  }

  /** The whole bars of a stretch, oldest first, those of a page at a time. */
  async *#bars({ symbol, interval, from, to }: Stretch, reader: HistoryReader): AsyncGenerator<Candle[]> {
    const builder = new BarBuilder(interval);
    for await (const page of this.pages(symbol, from, to, reader))
      yield page.flatMap((minute) => builder.add(minute) ?? []);
  }

  async #page(symbol: string, from: number, to: number): Promise<Candle[]> {
    const asked = this.#feed.history(symbol, to, (to - from) / MINUTE_MS);
    const what = `history of ${this.#feed.venue}.${symbol}`;
    return barsBetween(await within(this.#clock, HISTORY_ANSWER_MS, what, asked), from, to);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
