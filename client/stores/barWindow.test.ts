import { expect, test } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import type { Candle } from '../../shared/domain/market.ts';
import { BarWindow, CHART_BARS } from './barWindow.ts';

const barAt = (openTime: number, close = '1'): Candle => ({
  openTime,
  open: dec('1'),
  high: dec('1'),
  low: dec('1'),
  close: dec(close),
  volume: dec('1'),
});
const bars = (...times: number[]): Candle[] => times.map((time) => barAt(time));
const timesOf = (window: BarWindow): number[] => window.bars.map(({ openTime }) => openTime);

test('[MET-30] bars come in any order and any number of times, and are each kept once, as told last', () => {
  const window = new BarWindow();
  expect(window.open(bars(1, 2, 3))).toBe(false);
  expect(window.put(barAt(3, '7'))).toBe(true);
  expect(window.put(barAt(5))).toBe(true);
  expect(window.put(barAt(4))).toBe(false);
  expect(window.put(barAt(2, '9'))).toBe(false);
  expect(timesOf(window)).toEqual([1, 2, 3, 4, 5]);
  expect(window.bars.map(({ close }) => close)).toEqual(['1', '9', '7', '1', '1']);
});

test('[MET-31] what a channel opens with joins what is there, unless there is a gap between them', () => {
  const window = new BarWindow();
  window.open(bars(4, 5));
  window.prepend(bars(2, 3));
  expect(window.open(bars(5, 6))).toBe(true);
  expect(timesOf(window)).toEqual([2, 3, 4, 5, 6]);
  expect(window.open(bars(8, 9))).toBe(false);
  expect(timesOf(window)).toEqual([8, 9]);
});

test('[UI-17] a chart keeps so many bars and asks for no more', () => {
  const window = new BarWindow();
  window.open(bars(CHART_BARS + 10));
  window.prepend(bars(...Array.from({ length: CHART_BARS + 5 }, (_, index) => index)));
  expect(window.bars).toHaveLength(CHART_BARS);
  expect(window.newest?.openTime).toBe(CHART_BARS + 10);
  expect(window.isFull).toBe(true);
});
