/** Indicators by their textbook formulas, slow and plain: what the product's are compared with. */

export function referenceEma(values: readonly number[], period: number): number[] {
  const weight = 2 / (period + 1);
  const averages: number[] = [];
  values.forEach((value, at) => {
    averages.push(at === 0 ? value : (averages[at - 1] ?? 0) * (1 - weight) + value * weight);
  });
  return averages;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Wilder: the first average is a plain mean, later ones keep (n − 1)/n of the last. Undefined before it can be. */
export function referenceRsi(closes: readonly number[], period: number): (number | undefined)[] {
  const changes = closes.slice(1).map((close, at) => close - (closes[at] ?? 0));
  let gain = 0;
  let loss = 0;
  const values: (number | undefined)[] = [undefined];
  changes.forEach((change, at) => {
    const up = Math.max(change, 0);
    const down = Math.max(-change, 0);
    if (at < period) {
      gain += up / period;
      loss += down / period;
    } else {
      gain = (gain * (period - 1) + up) / period;
      loss = (loss * (period - 1) + down) / period;
    }
    if (at < period - 1) values.push(undefined);
    else if (gain === 0 && loss === 0) values.push(50);
    else values.push((100 * gain) / (gain + loss));
  });
  return values;
}

export function referenceMacd(closes: readonly number[], fast: number, slow: number, signal: number) {
  const slowLine = referenceEma(closes, slow);
  const macd = referenceEma(closes, fast).map((value, at) => value - (slowLine[at] ?? 0));
  return { macd, signal: referenceEma(macd, signal) };
}

export function referenceBands(closes: readonly number[], period: number, deviations: number) {
  const tail = closes.slice(-period);
  const middle = mean(tail);
  const width = deviations * Math.sqrt(mean(tail.map((close) => (close - middle) ** 2)));
  return { lower: middle - width, middle, upper: middle + width };
}

/** Wilder's ADX with sums as first averages. */
export function referenceAdx(
  bars: { high: readonly number[]; low: readonly number[]; close: readonly number[] },
  period: number,
): number {
  const smooth = (values: number[]): number[] => {
    const smoothed = [mean(values.slice(0, period))];
    for (const value of values.slice(period)) {
      smoothed.push(((smoothed[smoothed.length - 1] ?? 0) * (period - 1) + value) / period);
    }
    return smoothed;
  };
  const ranges: number[] = [];
  const ups: number[] = [];
  const downs: number[] = [];
  for (let at = 1; at < bars.close.length; at += 1) {
    const [high = 0, low = 0, close = 0] = [bars.high[at], bars.low[at], bars.close[at - 1]];
    const up = high - (bars.high[at - 1] ?? 0);
    const down = (bars.low[at - 1] ?? 0) - low;
    ranges.push(Math.max(high - low, Math.abs(high - close), Math.abs(low - close)));
    ups.push(up > down && up > 0 ? up : 0);
    downs.push(down > up && down > 0 ? down : 0);
  }
  const range = smooth(ranges);
  const plus = smooth(ups).map((value, at) => value / (range[at] ?? 1));
  const minus = smooth(downs).map((value, at) => value / (range[at] ?? 1));
  const dx = plus.map((value, at) => {
    const both = value + (minus[at] ?? 0);
    return both === 0 ? 0 : (100 * Math.abs(value - (minus[at] ?? 0))) / both;
  });
  const smoothed = smooth(dx);
  return smoothed[smoothed.length - 1] ?? 0;
}
