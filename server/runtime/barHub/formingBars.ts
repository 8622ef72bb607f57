import { max, min } from '../../../shared/domain/decimal.ts';
import type { Candle, Interval, Quote } from '../../../shared/domain/market.ts';
import { barOpenTime, flatBar, mergeBars } from '../../core/market/barBuilder.ts';
import type { Clock } from '../../ports/clock.ts';
import { FORMING_UPDATE_MS } from './limits.ts';

/** The bars being built, for charts only: never part of a series that decisions are made from. */
export class FormingBars {
  readonly #clock: Clock;
  readonly #toldAt = new Map<Interval, number>();
  #minute: Candle | undefined;
  #lastTs = -1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a price into the minute under way, which has no volume until it closes. */
  extend(quote: Quote): void {
    const openTime = barOpenTime(quote.ts, '1m');
    const minute = this.#minute;
    if (minute === undefined || openTime > minute.openTime) {
      this.#minute = flatBar(openTime, quote.last);
    } else if (quote.ts >= this.#lastTs) {
      const { high, low } = minute;
      this.#minute = { ...minute, high: max(high, quote.last), low: min(low, quote.last), close: quote.last };
    }
    this.#lastTs = Math.max(quote.ts, this.#lastTs);
  }

  /**
   * The bar of `interval` under construction, or undefined when it was told a moment ago, or when the bar before it has
   * not closed yet. `minutes`: the closed minutes of the bar so far; `nextMinute`: the one under way.
   */
  bar(interval: Interval, minutes: Candle | undefined, nextMinute: number): Candle | undefined {
    const minute = this.#minute;
    if (minute?.openTime !== nextMinute) return undefined;
    const now = this.#clock.elapsed();
    const toldAt = this.#toldAt.get(interval);
    if (toldAt !== undefined && now - toldAt < FORMING_UPDATE_MS) return undefined;
    this.#toldAt.set(interval, now);
    const openTime = barOpenTime(minute.openTime, interval);
    return minutes?.openTime === openTime ? mergeBars(minutes, minute) : { ...minute, openTime };
  }
}
