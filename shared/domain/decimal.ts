import Big from 'big.js';
import { areSmall, placesOf, smallMultiple, smallProduct, smallQuotient, smallSum } from './smallDecimal.ts';

/**
 * An exact decimal, as its canonical string: no exponent, no leading `+`, no trailing zeros, never `-0`.
 * Canonical means that equal values are equal strings, so state, hashes and the wire need no conversion.
 */
export type Decimal = string & { readonly __decimal: unique symbol };

/** Digits a decimal from outside may have in all, and after the point: bounds every later computation. */
export const DECIMAL_MAX_DIGITS = 30;
export const DECIMAL_MAX_SCALE = 18;
/** Scale of money amounts that come out of a division (released cost, ratios of money): 8 places. */
export const MONEY_SCALE = 8;

export const ZERO = '0' as Decimal;
export const ONE = '1' as Decimal;

const Exact = Big();
Exact.NE = -40;
Exact.PE = 60;

const DECIMAL_PATTERN = /^-?(0|[1-9]\d*)(\.\d+)?$/;

function canonical(value: Big): Decimal {
  const text = value.toFixed();
  return (text === '-0' ? '0' : text) as Decimal;
}

/** Reads a decimal from outside: plain notation only, bounded digits. `undefined` when it is none. */
export function parseDecimal(text: string): Decimal | undefined {
  if (!DECIMAL_PATTERN.test(text)) return undefined;
  const digits = text.replace(/[-.]/g, '').length;
  const point = text.indexOf('.');
  if (digits > DECIMAL_MAX_DIGITS || (point >= 0 && text.length - point - 1 > DECIMAL_MAX_SCALE))
    return undefined;
  // Canonical as it is.
  if (point < 0 ? text !== '-0' : !text.endsWith('0')) return text as Decimal;
  return canonical(new Exact(text));
}

/** A decimal from a literal or a trusted source; throws a TypeError on anything else. */
export function dec(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new TypeError(`not a decimal: ${JSON.stringify(text)}`);
  return value;
}

/** Rounds a float (an indicator, a percentage of one) half-even to `scale` places: the one way in from floats. */
export function decFromFloat(value: number, scale: number): Decimal {
  if (!Number.isFinite(value)) throw new TypeError(`not a finite number: ${value}`);
  return (quickFromFloat(value, scale) ??
    canonical(new Exact(value).round(scale, Exact.roundHalfEven))) as Decimal;
}

/**
 * From the shortest text of the float. `toFixed` rounds the float's exact value, which lies on the same side of a tie as
 * its shortest text does unless that text is the tie itself. Undefined: left to the exact way.
 */
function quickFromFloat(value: number, scale: number): string | undefined {
  const text = String(value);
  if (text.includes('e')) return undefined;
  const places = placesOf(text);
  if (places <= scale) return text;
  if (places === scale + 1 && text.endsWith('5')) return undefined;
  let fixed = value.toFixed(scale);
  if (scale > 0) {
    let end = fixed.length;
    while (fixed.charCodeAt(end - 1) === ZERO_CODE) end -= 1;
    if (fixed.charCodeAt(end - 1) === POINT_CODE) end -= 1;
    fixed = fixed.slice(0, end);
  }
  return fixed === '-0' ? '0' : fixed;
}

const ZERO_CODE = 48;
const POINT_CODE = 46;

/** For indicators and charts only: floats never go back into money. */
export function toFloat(value: Decimal): number {
  return Number(value);
}

export function add(a: Decimal, b: Decimal): Decimal {
  if (b === ZERO) return a;
  if (a === ZERO) return b;
  const sum = areSmall(a, b) ? smallSum(a, b, 1) : undefined;
  return (sum as Decimal | undefined) ?? canonical(new Exact(a).plus(b));
}

export function sub(a: Decimal, b: Decimal): Decimal {
  if (b === ZERO) return a;
  const difference = areSmall(a, b) ? smallSum(a, b, -1) : undefined;
  return (difference as Decimal | undefined) ?? canonical(new Exact(a).minus(b));
}

export function mul(a: Decimal, b: Decimal): Decimal {
  if (a === ZERO || b === ZERO) return ZERO;
  if (a === ONE) return b;
  if (b === ONE) return a;
  const product = areSmall(a, b) ? smallProduct(a, b) : undefined;
  return (product as Decimal | undefined) ?? canonical(new Exact(a).times(b));
}

/** a ÷ b rounded half-even to `scale` places. Throws on b = 0. */
export function div(a: Decimal, b: Decimal, scale: number = MONEY_SCALE): Decimal {
  return mulDiv(a, ONE, b, scale);
}

/** a × b ÷ c, rounded half-even once, at the end, to `scale` places. Throws on c = 0. */
export function mulDiv(a: Decimal, b: Decimal, c: Decimal, scale: number = MONEY_SCALE): Decimal {
  if (c === ZERO) throw new RangeError('division by zero');
  const quotient = areSmall(a, b) && areSmall(c, c) ? smallQuotient(a, b, c, scale) : undefined;
  if (quotient !== undefined) return quotient as Decimal;
  // big.js rounds a quotient by its exact remainder, so one division is one rounding.
  HalfEven.DP = scale;
  const product = b === ONE ? new HalfEven(a) : new HalfEven(a).times(b);
  return canonical(product.div(c));
}

const HalfEven = Big();
HalfEven.RM = HalfEven.roundHalfEven;
const Truncating = Big();
Truncating.RM = Truncating.roundDown;
Truncating.DP = 0;

export function neg(a: Decimal): Decimal {
  if (a === ZERO) return a;
  return (a.startsWith('-') ? a.slice(1) : `-${a}`) as Decimal;
}

export function abs(a: Decimal): Decimal {
  return (a.startsWith('-') ? a.slice(1) : a) as Decimal;
}

export function cmp(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a === b) return 0;
  const negative = a.startsWith('-');
  if (negative !== b.startsWith('-')) return negative ? -1 : 1;
  const magnitude = cmpMagnitude(negative ? a.slice(1) : a, negative ? b.slice(1) : b);
  return (negative ? -magnitude : magnitude) as -1 | 1;
}

/** Compares two different canonical non-negative decimals as text: prices are compared on every tick. */
function cmpMagnitude(a: string, b: string): -1 | 1 {
  const aPoint = a.indexOf('.');
  const bPoint = b.indexOf('.');
  const aWhole = aPoint < 0 ? a.length : aPoint;
  const bWhole = bPoint < 0 ? b.length : bPoint;
  if (aWhole !== bWhole) return aWhole < bWhole ? -1 : 1;
  return a < b ? -1 : 1;
}

export const eq = (a: Decimal, b: Decimal): boolean => a === b;
export const lt = (a: Decimal, b: Decimal): boolean => cmp(a, b) < 0;
export const lte = (a: Decimal, b: Decimal): boolean => cmp(a, b) <= 0;
export const gt = (a: Decimal, b: Decimal): boolean => cmp(a, b) > 0;
export const gte = (a: Decimal, b: Decimal): boolean => cmp(a, b) >= 0;
export const min = (a: Decimal, b: Decimal): Decimal => (lt(b, a) ? b : a);
export const max = (a: Decimal, b: Decimal): Decimal => (gt(b, a) ? b : a);
export const isZero = (a: Decimal): boolean => a === ZERO;
export const isPositive = (a: Decimal): boolean => a !== ZERO && !a.startsWith('-');
export const isNegative = (a: Decimal): boolean => a.startsWith('-');
export const sum = (values: Iterable<Decimal>): Decimal => {
  let total: Decimal = ZERO;
  for (const value of values) total = add(total, value);
  return total;
};

export type StepRounding = 'down' | 'up' | 'nearest';

/**
 * Rounds to a multiple of `step`: down = towards zero, up = away from zero, nearest = half-even. Throws a RangeError
 * on a step that is not positive.
 */
export function roundToStep(value: Decimal, step: Decimal, rounding: StepRounding): Decimal {
  if (!isPositive(step)) throw new RangeError(`not a step: ${step}`);
  const multiple = areSmall(value, step) ? smallMultiple(value, step, rounding) : undefined;
  if (multiple !== undefined) return multiple as Decimal;
  const exact = new Truncating(value);
  const units = exact.div(step);
  const lower = units.times(step);
  const rest = exact.minus(lower).abs();
  if (rest.eq(0)) return canonical(lower);
  const awayFromZero = exact.s < 0 ? lower.minus(step) : lower.plus(step);
  if (rounding === 'down') return canonical(lower);
  if (rounding === 'up') return canonical(awayFromZero);
  const order = rest.times(2).cmp(step);
  if (order !== 0) return canonical(order < 0 ? lower : awayFromZero);
  return canonical(units.mod(2).eq(0) ? lower : awayFromZero);
}

export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return roundToStep(value, step, 'down') === value;
}

/** Places after the point of a canonical decimal. */
export function scaleOf(value: Decimal): number {
  return placesOf(value);
}
