import { toFloat } from '../../../shared/domain/decimal.ts';
import type { Candle } from '../../../shared/domain/market.ts';
import type { BarSeries } from '../../core/strategy/strategy.ts';
import { HELD_BARS_LIMIT } from './limits.ts';

/** The last closed bars of one series, as exact candles and as columns of floats. */
export class BarWindow {
  #candles: Candle[] = [];
  #revisions: number[] = [];
  #columns = emptyColumns();
  /** Slices handed out since the last change: every bot on this series shares them. */
  readonly #slices = new Map<string, BarSeries>();

  get length(): number {
    return Math.min(this.#candles.length, HELD_BARS_LIMIT);
  }

  get last(): Candle | undefined {
    return this.#candles[this.#candles.length - 1];
  }

  push(candle: Candle): void {
    // Trimmed in blocks: amortised, and slices stay contiguous.
    if (this.#candles.length >= 2 * HELD_BARS_LIMIT) this.#trim();
    this.#candles.push(candle);
    this.#revisions.push(0);
    this.#columns.openTime.push(candle.openTime);
    this.#columns.open.push(toFloat(candle.open));
    this.#columns.high.push(toFloat(candle.high));
    this.#columns.low.push(toFloat(candle.low));
    this.#columns.close.push(toFloat(candle.close));
    this.#columns.volume.push(toFloat(candle.volume));
    this.#slices.clear();
  }

  /** Replaces a held bar by its correction; returns the bar's new revision, undefined when it is not held. */
  revise(candle: Candle): number | undefined {
    const index = this.#indexOf(candle.openTime);
    if (index === undefined) return undefined;
    const revision = (this.#revisions[index] ?? 0) + 1;
    this.#candles[index] = candle;
    this.#revisions[index] = revision;
    this.#columns.open[index] = toFloat(candle.open);
    this.#columns.high[index] = toFloat(candle.high);
    this.#columns.low[index] = toFloat(candle.low);
    this.#columns.close[index] = toFloat(candle.close);
    this.#columns.volume[index] = toFloat(candle.volume);
    this.#slices.clear();
    return revision;
  }

  /** Exactly `bars` bars, the last of which opened at `lastOpenTime` (default: the newest); undefined if not held. */
  series(bars: number, lastOpenTime: number | undefined): BarSeries | undefined {
    const last = lastOpenTime === undefined ? this.#candles.length - 1 : this.#indexOf(lastOpenTime);
    if (last === undefined || bars < 1 || last - bars + 1 < this.#candles.length - this.length)
      return undefined;
    const key = `${bars}:${last}`;
    const known = this.#slices.get(key);
    if (known !== undefined) return known;
    const from = last - bars + 1;
    const slice: BarSeries = {
      openTime: this.#columns.openTime.slice(from, last + 1),
      open: this.#columns.open.slice(from, last + 1),
      high: this.#columns.high.slice(from, last + 1),
      low: this.#columns.low.slice(from, last + 1),
      close: this.#columns.close.slice(from, last + 1),
      volume: this.#columns.volume.slice(from, last + 1),
    };
    this.#slices.set(key, slice);
    return slice;
  }

  /** The last `limit` candles with openTime < `before`; undefined when older ones than are held would be needed. */
  candles(before: number, limit: number): Candle[] | undefined {
    let end = this.#candles.length;
    while (end > 0 && (this.#candles[end - 1]?.openTime ?? 0) >= before) end -= 1;
    const from = end - limit;
    return from < this.#candles.length - this.length ? undefined : this.#candles.slice(from, end);
  }

  /** The candles of [from, before); undefined when older ones than are held would be needed. */
  range(from: number, before: number): Candle[] | undefined {
    const held = this.#candles.slice(this.#candles.length - this.length);
    const oldest = held[0];
    if (oldest === undefined || oldest.openTime > from) return undefined;
    return held.filter(({ openTime }) => openTime >= from && openTime < before);
  }

  #indexOf(openTime: number): number | undefined {
    // From the newest: what is asked for is almost always the last bar or the one before.
    const index = this.#columns.openTime.lastIndexOf(openTime);
    return index < 0 ? undefined : index;
  }

  #trim(): void {
    const from = this.#candles.length - HELD_BARS_LIMIT;
    this.#candles = this.#candles.slice(from);
    this.#revisions = this.#revisions.slice(from);
    this.#columns = {
      openTime: this.#columns.openTime.slice(from),
      open: this.#columns.open.slice(from),
      high: this.#columns.high.slice(from),
      low: this.#columns.low.slice(from),
      close: this.#columns.close.slice(from),
      volume: this.#columns.volume.slice(from),
    };
  }
}

function emptyColumns(): { [K in keyof BarSeries]: number[] } {
  return { openTime: [], open: [], high: [], low: [], close: [], volume: [] };
}
