import type { Candle, Interval } from '../../../shared/domain/market.ts';
import { BarBuilder } from '../../core/market/barBuilder.ts';
import { BarWindow } from './barWindow.ts';

export type SeriesRevision =
  | { kind: 'closed'; candle: Candle; revision: number }
  | { kind: 'forming' }
  | { kind: 'unknown' };

/** One interval of one market: minutes in, closed bars held. */
export class IntervalSeries {
  readonly window = new BarWindow();
  readonly #builder: BarBuilder;

  constructor(interval: Interval) {
    this.#builder = new BarBuilder(interval);
  }

  get lastMinute(): number | undefined {
    return this.#builder.lastMinute;
  }

  get forming(): Candle | undefined {
    return this.#builder.forming;
  }

  /** Returns the bar this minute completes. */
  add(minute: Candle): Candle | undefined {
    const closed = this.#builder.add(minute);
    if (closed !== undefined) this.window.push(closed);
    return closed;
  }

  revise(minute: Candle): SeriesRevision {
    const result = this.#builder.revise(minute);
    if (result.kind !== 'closed') return result;
    const revision = this.window.revise(result.candle);
    return revision === undefined ? { kind: 'unknown' } : { kind: 'closed', candle: result.candle, revision };
  }
}
