import type { OpenCandle } from '../../shared/domain/market.ts';

/** Bars one chart keeps; beyond them it goes no farther into the past. */
export const CHART_BARS = 6_000;

/** The bars of one chart, oldest first, each once, in whatever order they are told. */
export class BarWindow {
  #bars: OpenCandle[] = [];

  get bars(): readonly OpenCandle[] {
    return this.#bars;
  }

  get oldest(): OpenCandle | undefined {
    return this.#bars[0];
  }

  get newest(): OpenCandle | undefined {
    return this.#bars.at(-1);
  }

  get isFull(): boolean {
    return this.#bars.length >= CHART_BARS;
  }

  /** Takes what a channel opens with. True: it joins what was there; false: there was a gap, and only it is kept. */
  open(history: readonly OpenCandle[]): boolean {
    const { newest } = this;
    const [first] = history;
    const joins = newest !== undefined && first !== undefined && first.openTime <= newest.openTime;
    this.#bars = joins ? merged(this.#bars, history) : merged([], history);
    return joins;
  }

  /** True: it is the newest, new or again; false: an older one, which changes the past. */
  put(candle: OpenCandle): boolean {
    const { newest } = this;
    if (newest === undefined || candle.openTime >= newest.openTime) {
      if (newest?.openTime === candle.openTime) this.#bars.pop();
      this.#bars.push(candle);
      return true;
    }
    this.#bars = merged(this.#bars, [candle]);
    return false;
  }

  /** Bars of before. */
  prepend(older: readonly OpenCandle[]): void {
    this.#bars = merged(older, this.#bars).slice(-CHART_BARS);
  }
}

/** Where both have a bar, the later one's counts. */
function merged(bars: readonly OpenCandle[], later: readonly OpenCandle[]): OpenCandle[] {
  const byTime = new Map([...bars, ...later].map((bar) => [bar.openTime, bar]));
  return [...byTime.values()].sort((a, b) => a.openTime - b.openTime);
}
