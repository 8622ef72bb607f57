import { expect, test } from 'vitest';
import { readAmount, readPositive } from './amount.ts';

test.each([
  ['0.01', '0.01'],
  [' 12 ', '12'],
  ['.01', '0.01'],
  ['-.5', '-0.5'],
  ['3.', '3'],
])('[MET-28] %j is an amount: it can only mean one thing', (text, value) => {
  expect(readAmount(text)).toEqual({ value });
});

test.each([
  ['', 'required'],
  ['0,01', 'decimal_point'],
  ['1,000', 'decimal_point'],
  ['1 000', 'decimal_point'],
  ['abc', 'not_a_number'],
  ['1e3', 'not_a_number'],
  ['.', 'not_a_number'],
  ['1.2.3', 'not_a_number'],
])('[MET-28] %j is none, and it is said why', (text, code) => {
  expect(readAmount(text)).toEqual({ problem: { code } });
});

test('[MET-28] a size or price is above zero', () => {
  expect(readPositive('0')).toEqual({ problem: { code: 'too_small', bound: 0, exclusive: true } });
  expect(readPositive('-1')).toHaveProperty('problem');
  expect(readPositive('0.1')).toEqual({ value: '0.1' });
});
