import { describe, expect, it } from 'vitest';
import { seriesOf, wavyMarket } from '../../testing/market/barSeries.ts';
import {
  mean,
  referenceAdx,
  referenceBands,
  referenceEma,
  referenceMacd,
  referenceRsi,
} from '../../testing/market/referenceIndicators.ts';
import { adx, bollinger, ema, lastCross, macd, rsi, settledBars, sma } from './indicators.ts';

const market = wavyMarket(600, 3);

function expectClose(
  actual: readonly number[],
  expected: readonly (number | undefined)[],
  digits: number,
): void {
  expect(actual).toHaveLength(expected.length);
  for (const [at, value] of actual.entries()) expect(value).toBeCloseTo(expected[at] ?? Number.NaN, digits);
}

/** The closes of the example with which the RSI is usually taught. */
const TAUGHT = [
  44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.1, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28,
  46.0, 46.03, 46.41, 46.22, 45.64,
];

describe('indicators', () => {
  it('[STRAT-1] EMA: half of each new value at period 3; the textbook formula elsewhere', () => {
    expect(ema([1, 2, 3, 4, 5], 3)).toEqual([1, 1.5, 2.25, 3.125, 4.0625]);
    expectClose(ema(market.close, 50), referenceEma(market.close, 50), 9);
  });

  it('[STRAT-1] average of the last values', () => {
    expect(sma([100, 1, 2, 3, 6], 4)).toBe(3);
    expect(sma(market.volume, 30)).toBeCloseTo(mean(market.volume.slice(-30)), 9);
  });

  it('[STRAT-1] RSI: the published figures, all gains 100, all losses 0, no movement 50', () => {
    const published = [70.46, 66.25, 66.48, 69.35, 66.29, 57.92];
    expectClose(rsi(TAUGHT, 14, 6), published, 1);
    const up = Array.from({ length: 40 }, (_, at) => 100 + at);
    expect(rsi(up, 14, 1)).toEqual([100]);
    expect(rsi([...up].reverse(), 14, 1)).toEqual([0]);
    expect(rsi(Array(40).fill(7), 14, 3)).toEqual([50, 50, 50]);
    expectClose(rsi(market.close, 14, 40), referenceRsi(market.close, 14).slice(-40), 2);
  });

  it('[STRAT-1] MACD: on a straight line the averages lag 5.5 and 12.5 bars, so 7; the textbook formula elsewhere', () => {
    const line = macd(
      Array.from({ length: 600 }, (_, at) => at),
      12,
      26,
      9,
      1,
    );
    expect(line.macd[0]).toBeCloseTo(7, 6);
    expect(line.signal[0]).toBeCloseTo(7, 6);
    const expected = referenceMacd(market.close, 12, 26, 9);
    const actual = macd(market.close, 12, 26, 9, 20);
    expectClose(actual.macd, expected.macd.slice(-20), 4);
    expectClose(actual.signal, expected.signal.slice(-20), 4);
  });

  it('[STRAT-1] Bollinger bands: of 1 to 20, mean 10.5 and population deviation √(399/12)', () => {
    const bands = bollinger(
      Array.from({ length: 20 }, (_, at) => at + 1),
      20,
      2,
    );
    expect(bands.middle).toBeCloseTo(10.5, 9);
    expect(bands.upper - bands.middle).toBeCloseTo(2 * Math.sqrt(399 / 12), 9);
    const expected = referenceBands(market.close, 20, 2);
    expect(bollinger(market.close, 20, 2).lower).toBeCloseTo(expected.lower, 8);
    expect(bollinger(market.close, 20, 2).upper).toBeCloseTo(expected.upper, 8);
  });

  it('[STRAT-1] ADX: 100 when every bar goes one way, 0 when nothing moves; the textbook formula elsewhere', () => {
    expect(adx(seriesOf(Array.from({ length: 60 }, (_, at) => 100 + at)), 14)).toBeCloseTo(100, 6);
    const still = Array(60).fill(5) as number[];
    expect(adx({ high: still, low: still, close: still }, 14)).toBe(0);
    const thawed = [...still, ...Array.from({ length: 60 }, (_, at) => 5 + at)];
    expect(adx({ high: thawed, low: thawed, close: thawed }, 14)).toBeCloseTo(100, 6);
    expect(adx(market, 14)).toBeCloseTo(referenceAdx(market, 14), 2);
  });

  it('[STRAT-1] a cross is found with its age; touching is not crossing', () => {
    const zero = [0, 0, 0, 0];
    expect(lastCross([-1, -1, 1, 2], zero, 3)).toEqual({ direction: 'up', barsAgo: 1 });
    expect(lastCross([-1, -1, 1, 2], zero, 1)).toBeUndefined();
    expect(lastCross([1, 1, 1, 0], zero, 3)).toBeUndefined();
    expect(lastCross([1, 1, 0, -1], zero, 3)).toEqual({ direction: 'down', barsAgo: 0 });
  });

  it('[STRAT-2] older bars than an indicator looks at change nothing', () => {
    const tail = (length: number): number[] => market.close.slice(-length);
    expect(rsi(tail(settledBars(14, 5)), 14, 5)).toEqual(rsi(market.close, 14, 5));
    expect(macd(tail(settledBars(26, 9 + 3)), 12, 26, 9, 3)).toEqual(macd(market.close, 12, 26, 9, 3));
  });

  it('[STRAT-2] too few bars are refused with figures', () => {
    expect(() => ema([1, 2], 3)).toThrow('EMA needs 3 bars, has 2');
    expect(() => rsi([1, 2, 3], 3, 1)).toThrow(RangeError);
    expect(() => bollinger([1], 20, 2)).toThrow(RangeError);
    expect(() => adx(seriesOf([1, 2, 3]), 14)).toThrow(RangeError);
    expect(() => macd([1, 2, 3], 12, 26, 9, 1)).toThrow(RangeError);
    expect(() => sma([], 2)).toThrow(RangeError);
  });
});
