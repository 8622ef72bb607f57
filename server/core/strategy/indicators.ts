import { ADX, BollingerBands, EMA, MACD, RSI } from 'trading-signals';
import type { BarSeries } from './strategy.ts';

/**
 * Indicators over exactly the values given: pure, floats, nothing kept between calls. All throw a RangeError when there
 * are too few values. Recursive averages forget their start: after this many periods its weight is below 0.00001, so
 * older values are not looked at, and what is left is the same for every window that is long enough.
 */
const SETTLED_PERIODS = 12;

/** Bars `rsi` and `adx` look at for `count` values of this period. */
export const settledBars = (period: number, count: number): number => SETTLED_PERIODS * period + count;

/** Exponential moving average, one value per input, weight 2 / (period + 1), started at the first value. */
export function ema(values: readonly number[], period: number): number[] {
  needs(values, period, 'EMA');
  const average = new EMA(period);
  return values.map((value) => average.update(value, false));
}

/** Arithmetic mean of the last `period` values. */
export function sma(values: readonly number[], period: number): number {
  needs(values, period, 'average');
  let sum = 0;
  for (let index = values.length - period; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum / period;
}

/** Wilder's relative strength index, 0 to 100: its last `count` values, oldest first. 50 where no price ever moved. */
export function rsi(closes: readonly number[], period: number, count: number): number[] {
  needs(closes, period + count, 'RSI');
  const tail = closes.slice(-settledBars(period, count));
  const index = new RSI(period);
  const values: number[] = [];
  let moved = false;
  for (let at = 0; at < tail.length; at += 1) {
    const close = tail[at] ?? 0;
    moved ||= at > 0 && close !== tail[at - 1];
    const value = index.update(close, false);
    // The library calls a market without losses 100, also one without gains.
    if (value !== null) values.push(moved ? value : 50);
  }
  return values.slice(-count);
}

export interface MacdValues {
  /** Fast less slow average: the last `count` values, oldest first. */
  macd: number[];
  signal: number[];
}

/** Moving average convergence/divergence, its last `count` values. */
export function macd(
  closes: readonly number[],
  fast: number,
  slow: number,
  signal: number,
  count: number,
): MacdValues {
  needs(closes, slow + signal + count, 'MACD');
  const tail = closes.slice(-(SETTLED_PERIODS * slow + signal + count));
  const indicator = new MACD(new EMA(fast), new EMA(slow), new EMA(signal));
  const values: MacdValues = { macd: [], signal: [] };
  for (const close of tail) {
    const value = indicator.update(close, false);
    if (value === null) continue;
    values.macd.push(value.macd);
    values.signal.push(value.signal);
  }
  return { macd: values.macd.slice(-count), signal: values.signal.slice(-count) };
}

/** Wilder's average directional index, 0 to 100: how strong the trend is, whichever way. 0 where nothing moved. */
export function adx(bars: Pick<BarSeries, 'high' | 'low' | 'close'>, period: number): number {
  needs(bars.close, 2 * period, 'ADX');
  const first = Math.max(0, bars.close.length - settledBars(period, 1));
  const indicator = new ADX(period);
  let value: number | null = null;
  let moved = false;
  for (let at = first; at < bars.close.length; at += 1) {
    const high = bars.high[at] ?? 0;
    const low = bars.low[at] ?? 0;
    const close = bars.close[at] ?? 0;
    // Bars before the first movement have no range to divide by.
    moved ||= high > low || (at > first && close !== bars.close[at - 1]);
    if (moved) value = indicator.update({ high, low, close }, false);
  }
  return value ?? 0;
}

export interface Bands {
  lower: number;
  middle: number;
  upper: number;
}

/** Bollinger bands of the last `period` closes: mean ± `deviations` × standard deviation (of the population). */
export function bollinger(closes: readonly number[], period: number, deviations: number): Bands {
  needs(closes, period, 'Bollinger bands');
  const indicator = new BollingerBands(period, deviations);
  let bands: Bands | null = null;
  for (const close of closes.slice(-period)) bands = indicator.update(close, false);
  if (bands === null) throw new RangeError('Bollinger bands without a value');
  return bands;
}

export interface Cross {
  direction: 'up' | 'down';
  /** 0: on the last bar. */
  barsAgo: number;
}

/** The newest crossing of `line` through `other` within the last `within` steps; touching is not yet crossing. */
export function lastCross(
  line: readonly number[],
  other: readonly number[],
  within: number,
): Cross | undefined {
  const last = line.length - 1;
  for (let barsAgo = 0; barsAgo < within && barsAgo < last; barsAgo += 1) {
    const now = (line[last - barsAgo] ?? 0) - (other[last - barsAgo] ?? 0);
    const before = (line[last - barsAgo - 1] ?? 0) - (other[last - barsAgo - 1] ?? 0);
    if (now > 0 && before <= 0) return { direction: 'up', barsAgo };
    if (now < 0 && before >= 0) return { direction: 'down', barsAgo };
  }
  return undefined;
}

function needs(values: readonly number[], needed: number, what: string): void {
  if (values.length < needed) throw new RangeError(`${what} needs ${needed} bars, has ${values.length}`);
}
