import { type Decimal, isPositive, parseDecimal } from '../../shared/domain/decimal.ts';
import type { ParamProblem } from './params.ts';

/** What a person typed as an amount or a price: its value, or why it is none. */
export type Amount = { value: Decimal } | { problem: ParamProblem };

/** `.5` and `5.` can only mean one thing; a comma is a decimal point to some and none to others, so it is asked about. */
export function readAmount(text: string): Amount {
  const trimmed = text.trim();
  if (trimmed === '') return { problem: { code: 'required' } };
  if (/^-?[\d.,'’\s]*\d[\d.,'’\s]*$/.test(trimmed) && /[,'’\s]/.test(trimmed))
    return { problem: { code: 'decimal_point' } };
  const value = parseDecimal(trimmed.replace(/^(-?)\.(?=\d)/, '$10.').replace(/(\d)\.$/, '$1'));
  return value === undefined ? { problem: { code: 'not_a_number' } } : { value };
}

/** The same of what is above zero: sizes and prices. */
export function readPositive(text: string): Amount {
  const amount = readAmount(text);
  if ('problem' in amount || isPositive(amount.value)) return amount;
  return { problem: { code: 'too_small', bound: 0, exclusive: true } };
}
