import { describe, expect, test } from 'vitest';
import { dec } from '../domain/decimal.ts';
import { formatDecimal, formatMoney, formatPercent, formatPnl, formatPrice, toneOf } from './number.ts';

describe('decimals on the screen', () => {
  test('[UI-11] keep every digit, also where a float would lose some', () => {
    expect(formatDecimal(dec('123456789012345678.123456789012'), 'en')).toBe(
      '123,456,789,012,345,678.123456789012',
    );
    expect(formatDecimal(dec('0.1'), 'ko')).toBe('0.1');
    expect(formatMoney(dec('9007199254740993.01'), 'en')).toBe('9,007,199,254,740,993.01');
  });

  test('[UI-11] use a minus sign as wide as a digit, and a plus for gains', () => {
    expect(formatPnl(dec('-12.5'), 'en')).toBe('−12.50');
    expect(formatPnl(dec('12.5'), 'en')).toBe('+12.50');
    expect(formatPnl(dec('0'), 'en')).toBe('0.00');
  });

  test('[UI-11] show a gain below a cent as what it is', () => {
    expect(formatPnl(dec('0.0042'), 'en')).toBe('+0.0042');
    expect(formatPnl(dec('-0.000001'), 'en')).toBe('−0.000001');
  });

  test('prices have the digits of the tick', () => {
    expect(formatPrice(dec('64250.5'), 2, 'en')).toBe('64,250.50');
    expect(formatPrice(dec('0.12417'), undefined, 'en')).toBe('0.12417');
  });

  test('percentages are plain numbers already', () => {
    expect(formatPercent(dec('1.5'), 'en')).toBe('1.5%');
  });

  test('tones follow the sign of the text', () => {
    expect(['1', '-0.001', '0'].map((text) => toneOf(dec(text)))).toEqual(['up', 'down', '']);
    expect(toneOf(undefined)).toBe('');
  });
});
