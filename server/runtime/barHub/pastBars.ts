import { type Candle, INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';
import { barOpenTime } from '../../core/market/barBuilder.ts';
import { HELD_BARS_LIMIT, PAST_RANGES_LIMIT } from './limits.ts';

/** The whole bars of [from, to), oldest first, as the feed's history has them. */
export type ReadBars = (symbol: string, interval: Interval, from: number, to: number) => Promise<Candle[]>;

/** All bars there are in [from, to), where a history may begin after `from`. */
interface Range {
  symbol: string;
  interval: Interval;
  from: number;
  to: number;
  bars: Candle[];
}

/**
 * Bars that were built for somebody who looked at the past. A closed bar does not change: it is built once, and again
 * only when a minute of it is corrected.
 */
export class PastBars {
  readonly #readBars: ReadBars;
  /** By symbol and interval, the longest unused first. */
  readonly #ranges = new Map<string, Range>();
  /** The read at work for a symbol and interval: one at a time, so that whoever asks meanwhile finds what it built. */
  readonly #reading = new Map<string, Promise<unknown>>();
  #corrections = 0;

  constructor(readBars: ReadBars) {
    this.#readBars = readBars;
  }

  /** As `ReadBars`: only what is not held is read. `from` and `to` are aligned to the interval. Rejects as it does. */
  read(symbol: string, interval: Interval, from: number, to: number): Promise<Candle[]> {
    const key = `${symbol} ${interval}`;
    const before = this.#reading.get(key) ?? Promise.resolve();
    const reading = before.then(() => this.#inTurn(key, { symbol, interval, from, to, bars: [] }));
    const done: Promise<void> = reading.then(
      () => this.#end(key, done),
      () => this.#end(key, done),
    );
    this.#reading.set(key, done);
    return reading;
  }

  /** The minute that opened at `minute` is another than was read. */
  correct(symbol: string, minute: number): void {
    this.#corrections += 1;
    for (const [key, range] of this.#ranges) {
      if (range.symbol !== symbol) continue;
      const to = Math.min(range.to, barOpenTime(minute, range.interval));
      if (to <= range.from) this.#ranges.delete(key);
      else this.#ranges.set(key, { ...range, to, bars: between(range.bars, range.from, to) });
    }
  }

  async #inTurn(key: string, asked: Range): Promise<Candle[]> {
    const { symbol, interval, from, to } = asked;
    const corrections = this.#corrections;
    const held = this.#ranges.get(key);
    // With a hole between them they are no range.
    const isApart = held === undefined || to < held.from || from > held.to;
    const bars = isApart
      ? await this.#readBars(symbol, interval, from, to)
      : await this.#extended(held, from, to);
    if (corrections === this.#corrections) {
      const start = isApart ? from : Math.min(from, held.from);
      this.#hold(key, { ...asked, from: start, bars });
    }
    return between(bars, from, to);
  }

  /** What is held, with what comes before and after it. */
  async #extended(held: Range, from: number, to: number): Promise<Candle[]> {
    const { symbol, interval } = held;
    const length = INTERVAL_MS[interval];
    // One bar more on either side: a minute without trades is only known by those around it.
    const older = from < held.from ? await this.#readBars(symbol, interval, from, held.from + length) : [];
    const newer = to > held.to ? await this.#readBars(symbol, interval, held.to - length, to) : [];
    return [
      ...between(older, from, held.from),
      ...held.bars,
      ...between(newer, held.to, Number.POSITIVE_INFINITY),
    ];
  }

  #hold(key: string, range: Range): void {
    const bars = range.bars.slice(-HELD_BARS_LIMIT);
    const [first, last] = [bars[0], bars[bars.length - 1]];
    if (first === undefined || last === undefined) return;
    const from = bars.length < range.bars.length ? first.openTime : range.from;
    this.#ranges.delete(key);
    // A history that lags has the newest bars later.
    this.#ranges.set(key, { ...range, from, to: last.openTime + INTERVAL_MS[range.interval], bars });
    for (const oldest of this.#ranges.keys()) {
      if (this.#ranges.size <= PAST_RANGES_LIMIT) break;
      this.#ranges.delete(oldest);
    }
  }

  #end(key: string, done: Promise<unknown>): void {
    if (this.#reading.get(key) === done) this.#reading.delete(key);
  }
}

function between(bars: readonly Candle[], from: number, to: number): Candle[] {
  return bars.filter(({ openTime }) => openTime >= from && openTime < to);
}
