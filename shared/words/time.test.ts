import { expect, test } from 'vitest';
import { formatAgo, formatDuration, formatWhen } from './time.ts';

test.each([
  [0, '0 ms'],
  [450, '450 ms'],
  [59_000, '59 sec'],
  [125_000, '2 min 5 sec'],
  [7_200_000, '2 hr'],
  [90_061_000, '1 day 1 hr'],
])('a duration of %d ms is told as %s', (ms, text) => {
  expect(formatDuration(ms, 'en')).toBe(text);
});

test('durations are told in Korean too', () => {
  expect(formatDuration(125_000, 'ko')).toBe('2분 5초');
});

test('a moment of another day is told with its day', () => {
  const noon = new Date(2026, 10, 22, 12, 0, 0).getTime();
  expect(formatWhen(noon, noon + 1_000, 'en')).toBe('12:00:00');
  expect(formatWhen(noon, noon + 86_400_000, 'en')).toContain('Nov 22');
});

test.each([
  ['en', 2_000, '2s ago'],
  ['en', 185_000, '3m ago'],
  ['ko', 2_000, '2초 전'],
  ['en', -500, '0s ago'],
])('how long ago is told in %s: %d ms', (locale, age, text) => {
  expect(formatAgo(1_000_000, 1_000_000 + age, locale)).toBe(text);
});
