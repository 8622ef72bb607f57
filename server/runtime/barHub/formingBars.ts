import { type Decimal, max, min } from '../../../shared/domain/decimal.ts';
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

  /**
   * The bar of `interval` with this price in it, or undefined when it was told a moment ago. `minutes`: the closed
   * minutes of the bar so far. The minute under way has no volume until it closes.
   */
  update(interval: Interval, quote: Quote, minutes: Candle | undefined): Candle | undefined {
    const minute = this.#extend(quote.ts, quote.last);
    const now = this.#clock.now();
    const toldAt = this.#toldAt.get(interval);
    if (toldAt !== undefined && now >= toldAt && now - toldAt < FORMING_UPDATE_MS) return undefined;
    this.#toldAt.set(interval, now);
    const openTime = barOpenTime(minute.openTime, interval);
    if (minutes === undefined || minutes.openTime !== openTime) return { ...minute, openTime };
    return mergeBars(minutes, minute);
  }

  #extend(ts: number, price: Decimal): Candle {
    const openTime = barOpenTime(ts, '1m');
    const minute = this.#minute;
    if (minute === undefined || openTime > minute.openTime) {
      this.#minute = flatBar(openTime, price);
    } else if (ts >= this.#lastTs) {
      this.#minute = { ...minute, high: max(minute.high, price), low: min(minute.low, price), close: price };
    }
    this.#lastTs = Math.max(ts, this.#lastTs);
    return this.#minute ?? flatBar(openTime, price);
  }
}
