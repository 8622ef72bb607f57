import { type Decimal, max, min, ZERO } from '../../../shared/domain/decimal.ts';
import type { Candle, Interval, OpenCandle, Quote } from '../../../shared/domain/market.ts';
import { barOpenTime, flatBar, mergeBars } from '../../core/market/barBuilder.ts';
import type { Clock } from '../../ports/clock.ts';
import { FORMING_UPDATE_MS } from './limits.ts';

/** The bars being built, for charts only: never part of a series that decisions are made from. */
export class FormingBars {
  readonly #clock: Clock;
  readonly #toldAt = new Map<Interval, number>();
  #minute: OpenCandle | undefined;
  #lastTs = -1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a price into the minute under way, and what that traded so far; null: the feed tells it when it closes. */
  extend(quote: Quote, volume: Decimal | null): void {
    const openTime = barOpenTime(quote.ts, '1m');
    const minute = this.#minute;
    if (minute === undefined || openTime > minute.openTime) {
      this.#minute = { ...flatBar(openTime, quote.last), volume };
    } else if (quote.ts >= this.#lastTs) {
      const { last } = quote;
      const [high, low] = [max(minute.high, last), min(minute.low, last)];
      this.#minute = { ...minute, high, low, close: last, volume };
    }
    this.#lastTs = Math.max(quote.ts, this.#lastTs);
  }

  /** The minute that opens at `openTime` as it is so far; undefined: no price of it came yet. */
  minute(openTime: number): OpenCandle | undefined {
    return this.#minute?.openTime === openTime ? this.#minute : undefined;
  }

  /**
   * The bar of `interval` under construction, or undefined when it was told a moment ago, when the bar before it has not
   * closed yet, or when its beginning is not known. `minutes`: the closed minutes of the bar so far; `nextMinute`: the
   * one under way.
   */
  bar(interval: Interval, minutes: Candle | undefined, nextMinute: number): OpenCandle | undefined {
    const minute = this.minute(nextMinute);
    if (minute === undefined) return undefined;
    const openTime = barOpenTime(minute.openTime, interval);
    const closed = minutes?.openTime === openTime ? minutes : undefined;
    // Its minutes were not seen: nobody knows where it began, or what it traded.
    if (closed === undefined && openTime !== minute.openTime) return undefined;
    const now = this.#clock.elapsed();
    const toldAt = this.#toldAt.get(interval);
    if (toldAt !== undefined && now - toldAt < FORMING_UPDATE_MS) return undefined;
    this.#toldAt.set(interval, now);
    return closed === undefined ? minute : withMinute(closed, minute);
  }
}

/** The closed minutes of a bar and the one under way: its volume is known when that one's is. */
export function withMinute(minutes: Candle, minute: OpenCandle): OpenCandle {
  const { volume } = minute;
  const merged = mergeBars(minutes, { ...minute, volume: volume ?? ZERO });
  return volume === null ? { ...merged, volume } : merged;
}
