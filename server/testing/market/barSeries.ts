import type { BarSeries } from '../../core/strategy/strategy.ts';

/** Bars of one minute from closes; each opens where the last one closed, with a small range. */
export function seriesOf(closes: readonly number[], volumes?: readonly number[]): BarSeries {
  const open = closes.map((close, at) => (at === 0 ? close : (closes[at - 1] ?? close)));
  return {
    openTime: closes.map((_, at) => at * 60_000),
    open,
    high: closes.map((close, at) => Math.max(close, open[at] ?? close) + 0.05),
    low: closes.map((close, at) => Math.min(close, open[at] ?? close) - 0.05),
    close: [...closes],
    volume: closes.map((_, at) => volumes?.[at] ?? 10),
  };
}

/** A market with waves of several lengths, noise and bursts of volume: the same for the same seed. */
export function wavyMarket(length: number, seed: number): BarSeries {
  let state = seed * 2_654_435_761 + 1;
  const noise = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
  const closes: number[] = [];
  const volumes: number[] = [];
  let drift = 0;
  for (let at = 0; at < length; at += 1) {
    drift += noise();
    closes.push(
      1000 + 12 * Math.sin(at / 90 + seed) + 5 * Math.sin(at / 23) + 2 * Math.sin(at / 7) + drift + noise(),
    );
    volumes.push(10 + 8 * noise() + (noise() > 0.4 ? 30 : 0));
  }
  return seriesOf(closes, volumes);
}

/** The window of `length` bars that ends with bar `last`. */
export function windowOf(series: BarSeries, last: number, length: number): BarSeries {
  const cut = (column: readonly number[]): number[] => column.slice(last - length + 1, last + 1);
  return {
    openTime: cut(series.openTime),
    open: cut(series.open),
    high: cut(series.high),
    low: cut(series.low),
    close: cut(series.close),
    volume: cut(series.volume),
  };
}
