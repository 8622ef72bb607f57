import { type Candle, INTERVAL_MS } from '../../../shared/domain/market.ts';
import { barOpenTime } from '../../core/market/barBuilder.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Asker } from '../../ports/deskGateway.ts';
import { HELD_BARS_LIMIT, PAST_RANGES_LIMIT } from './limits.ts';
import type { HistoryReader } from './pageSlots.ts';
import { PastReads } from './pastReads.ts';
import { barsBetween, type Stretch } from './stretch.ts';

/** The whole bars of a stretch, oldest first, as the feed's history has them: those of a page at a time. */
export type ReadBars = (stretch: Stretch, reader: HistoryReader) => AsyncIterable<Candle[]>;

/** All bars there are in a stretch, where a history may begin after `from`. */
interface Range extends Stretch {
  bars: Candle[];
}

/**
 * Bars that were built for somebody who looked at the past. A closed bar does not change: it is built once, and again
 * only when a minute of it is corrected.
 */
export class PastBars {
  readonly #readBars: ReadBars;
  readonly #reads: PastReads;
  /** By symbol and interval, the longest unused first. */
  readonly #ranges = new Map<string, Range>();
  #corrections = 0;

  constructor(clock: Clock, readBars: ReadBars) {
    this.#readBars = readBars;
    this.#reads = new PastReads(clock, (stretch, reader) => this.#build(stretch, reader));
  }

  /**
   * What is held at once, the rest in its turn. `asker`: null for what a channel gives whoever joins it, which no other
   * chart waits for. Rejects with RefusedRead, or with the feed's error.
   */
  async read(stretch: Stretch, asker: Asker | null): Promise<Candle[]> {
    const held = this.#ranges.get(keyOf(stretch));
    if (held === undefined || stretch.from < held.from || stretch.to > held.to)
      return this.#reads.ask(stretch, asker);
    this.#use(held);
    return barsBetween(held.bars, stretch.from, stretch.to);
  }

  /** The minute that opened at `minute` is another than was read. */
  correct(symbol: string, minute: number): void {
    this.#corrections += 1;
    for (const [key, range] of this.#ranges) {
      if (range.symbol !== symbol) continue;
      const to = Math.min(range.to, barOpenTime(minute, range.interval));
      if (to <= range.from) this.#ranges.delete(key);
      else this.#ranges.set(key, { ...range, to, bars: barsBetween(range.bars, range.from, to) });
    }
  }

  /** What is held, with what comes before and after it. */
  async #build(stretch: Stretch, reader: HistoryReader): Promise<Candle[]> {
    const { from, to } = stretch;
    const held = this.#ranges.get(keyOf(stretch));
    if (held === undefined || isApart(held, stretch)) return this.#part(stretch, 0, 0, reader);
    // One bar more on either side: a minute without trades is only known by those around it.
    const length = INTERVAL_MS[stretch.interval];
    const older = from < held.from ? await this.#part({ ...stretch, to: held.from }, 0, length, reader) : [];
    const newer = to > held.to ? await this.#part({ ...stretch, from: held.to }, length, 0, reader) : [];
    return [...older, ...barsBetween(held.bars, from, to), ...newer];
  }

  /** The bars of a stretch, which is read with as many ms before and after it. They are held, also those of a part that failed. */
  async #part(stretch: Stretch, before: number, after: number, reader: HistoryReader): Promise<Candle[]> {
    const { from, to } = stretch;
    const corrections = this.#corrections;
    const bars: Candle[] = [];
    try {
      const wider = { ...stretch, from: from - before, to: to + after };
      for await (const page of this.#readBars(wider, reader)) bars.push(...barsBetween(page, from, to));
    } finally {
      if (corrections === this.#corrections) this.#hold(stretch, bars);
    }
    return bars;
  }

  /** All bars there are from the stretch's beginning up to the last of them. */
  #hold(stretch: Stretch, fresh: Candle[]): void {
    const newest = fresh[fresh.length - 1];
    if (newest === undefined) return;
    // A history that lags has the newest bars later.
    const to = newest.openTime + INTERVAL_MS[stretch.interval];
    const range: Range = { ...stretch, to, bars: fresh };
    const held = this.#ranges.get(keyOf(stretch));
    // With a hole between them they are no range.
    this.#use(held === undefined || isApart(held, range) ? range : joined(held, range));
  }

  #use(range: Range): void {
    const bars = range.bars.slice(-HELD_BARS_LIMIT);
    const from = bars.length < range.bars.length ? (bars[0]?.openTime ?? range.from) : range.from;
    this.#ranges.delete(keyOf(range));
    this.#ranges.set(keyOf(range), { ...range, from, bars });
    for (const oldest of this.#ranges.keys()) {
      if (this.#ranges.size <= PAST_RANGES_LIMIT) break;
      this.#ranges.delete(oldest);
    }
  }
}

function keyOf({ symbol, interval }: Stretch): string {
  return `${symbol} ${interval}`;
}

function isApart(held: Stretch, { from, to }: Stretch): boolean {
  return to < held.from || from > held.to;
}

/** Two ranges without a hole between them; where both have bars, those of `fresh`. */
function joined(held: Range, fresh: Range): Range {
  const [from, to] = [Math.min(held.from, fresh.from), Math.max(held.to, fresh.to)];
  const bars = [
    ...barsBetween(held.bars, from, fresh.from),
    ...fresh.bars,
    ...barsBetween(held.bars, fresh.to, to),
  ];
  return { ...fresh, from, to, bars };
}
