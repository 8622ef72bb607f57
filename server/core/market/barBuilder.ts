import { add, type Decimal, max, min, ZERO } from '../../../shared/domain/decimal.ts';
import { type Candle, INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';

export const MINUTE_MS = INTERVAL_MS['1m'];

/** Open time of the bar of `interval` that contains `time`; UTC aligned. */
export function barOpenTime(time: number, interval: Interval): number {
  return time - (time % INTERVAL_MS[interval]);
}

/** The bar of a minute in which nothing traded: the last price, no volume. */
export function flatBar(openTime: number, price: Decimal): Candle {
  return { openTime, open: price, high: price, low: price, close: price, volume: ZERO };
}

/**
 * Makes minutes gap-free: an absent minute between `previous` (or the first bar) and the last bar becomes a flat bar.
 * Bars must be ascending; what does not follow `previous` is left out.
 */
export function fillEmptyMinutes(minutes: readonly Candle[], previous: Candle | undefined): Candle[] {
  const filled: Candle[] = [];
  let last = previous;
  for (const minute of minutes) {
    if (last !== undefined && minute.openTime <= last.openTime) continue;
    while (last !== undefined && last.openTime + MINUTE_MS < minute.openTime) {
      last = flatBar(last.openTime + MINUTE_MS, last.close);
      filled.push(last);
    }
    filled.push(minute);
    last = minute;
  }
  return filled;
}

/** The bar `next` extends: open stays, high and low widen, close moves, volumes add up. */
export function mergeBars(bar: Candle, next: Candle): Candle {
  return {
    openTime: bar.openTime,
    open: bar.open,
    high: max(bar.high, next.high),
    low: min(bar.low, next.low),
    close: next.close,
    volume: add(bar.volume, next.volume),
  };
}

/** What a corrected minute changes: a closed bar, the one being built, or one too long ago to rebuild here. */
export type Revision = { kind: 'closed'; candle: Candle } | { kind: 'forming' } | { kind: 'unknown' };

/**
 * Builds bars of one interval out of consecutive minutes: each bar comes out exactly once, with its last minute. A bar
 * whose first minute was not seen never comes out. Keeps the minutes of the open bar and of the last closed one, so
 * that corrections of those can be applied.
 */
export class BarBuilder {
  readonly interval: Interval;
  #last: number | undefined;
  #open: Candle[] = [];
  #forming: Candle | undefined;
  #closed: Candle[] = [];

  constructor(interval: Interval) {
    this.interval = interval;
  }

  /** Open time of the last minute added. */
  get lastMinute(): number | undefined {
    return this.#last;
  }

  /** The bar under construction out of closed minutes; undefined at its start, or when its start was not seen. */
  get forming(): Candle | undefined {
    return this.#forming;
  }

  /**
   * Adds the next minute; returns the bar it completes. A minute that was added already changes nothing. Throws a
   * RangeError when a minute was left out: filling gaps comes first.
   */
  add(minute: Candle): Candle | undefined {
    if (this.#last !== undefined) {
      if (minute.openTime <= this.#last) return undefined;
      if (minute.openTime !== this.#last + MINUTE_MS) {
        throw new RangeError(`minute ${minute.openTime} does not follow ${this.#last}`);
      }
    }
    this.#last = minute.openTime;
    const openTime = barOpenTime(minute.openTime, this.interval);
    if (minute.openTime === openTime) {
      this.#open = [minute];
      this.#forming = minute;
    } else if (this.#forming !== undefined) {
      this.#open.push(minute);
      this.#forming = mergeBars(this.#forming, minute);
    }
    if (minute.openTime + MINUTE_MS !== openTime + INTERVAL_MS[this.interval]) return undefined;
    const closed = this.#forming;
    this.#closed = closed === undefined ? [] : this.#open;
    this.#open = [];
    this.#forming = undefined;
    return closed;
  }

  /** Applies the correction of a minute that was added before. */
  revise(minute: Candle): Revision {
    // A minute is its own bar, however long ago.
    if (this.interval === '1m') return { kind: 'closed', candle: minute };
    if (replaceMinute(this.#open, minute)) {
      this.#forming = aggregate(this.#open);
      return { kind: 'forming' };
    }
    if (!replaceMinute(this.#closed, minute)) return { kind: 'unknown' };
    const candle = aggregate(this.#closed);
    return candle === undefined ? { kind: 'unknown' } : { kind: 'closed', candle };
  }
}

function replaceMinute(minutes: Candle[], minute: Candle): boolean {
  const index = minutes.findIndex((known) => known.openTime === minute.openTime);
  if (index < 0) return false;
  minutes[index] = minute;
  return true;
}

function aggregate(minutes: readonly Candle[]): Candle | undefined {
  const [first, ...rest] = minutes;
  return first === undefined ? undefined : rest.reduce(mergeBars, first);
}
