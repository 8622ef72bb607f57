/**
 * Arithmetic on decimals whose digits fit into a number exactly, which nearly all of them do: digits as an integer and
 * the count of places, a fraction of the cost of digit by digit. Whatever might not be exact is left to the caller.
 */

/** 2^53 has 16 digits; a sign and a point on top. Digits that are too many all the same are found by their value. */
const MAX_LENGTH = 18;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const MINUS = 45;
const POINT = 46;
const DIGIT_0 = 48;
/** More places do not fit below 2^53. */
const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** Whether both may be given to the functions below. */
export function areSmall(a: string, b: string): boolean {
  return a.length <= MAX_LENGTH && b.length <= MAX_LENGTH;
}

/** The digits of a decimal as one integer, without regard to the point; exact if it is below 2^53. */
function digitsOf(text: string): number {
  let digits = 0;
  let at = text.charCodeAt(0) === MINUS ? 1 : 0;
  const isNegative = at === 1;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== POINT) digits = digits * 10 + (code - DIGIT_0);
  }
  return isNegative ? -digits : digits;
}

/** Places after the point of a canonical decimal. */
export function placesOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** digits ÷ 10^places as a canonical decimal; undefined where `digits` may not be exact. */
function small(digits: number, places: number): string | undefined {
  if (!Number.isSafeInteger(digits)) return undefined;
  if (digits === 0) return '0';
  let whole = Math.abs(digits);
  let scale = places;
  while (scale > 0 && whole % 10 === 0) {
    whole /= 10;
    scale -= 1;
  }
  const sign = digits < 0 ? '-' : '';
  if (scale === 0) return `${sign}${whole}`;
  const text = String(whole).padStart(scale + 1, '0');
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** a + sign × b. */
export function smallSum(a: string, b: string, sign: 1 | -1): string | undefined {
  const aPlaces = placesOf(a);
  const bPlaces = placesOf(b);
  const places = Math.max(aPlaces, bPlaces);
  const left = scaled(digitsOf(a), places - aPlaces);
  const right = scaled(digitsOf(b), places - bPlaces);
  // Beyond 2^53 a sum may be rounded, but never back to below it.
  return left === undefined || right === undefined ? undefined : small(left + sign * right, places);
}

/** a × b. */
export function smallProduct(a: string, b: string): string | undefined {
  return small(digitsOf(a) * digitsOf(b), placesOf(a) + placesOf(b));
}

/** a × b ÷ c, rounded half-even to `scale` places; c is not zero. */
export function smallQuotient(a: string, b: string, c: string, scale: number): string | undefined {
  const product = digitsOf(a) * digitsOf(b);
  const divisor = digitsOf(c);
  const shift = scale - placesOf(a) - placesOf(b) + placesOf(c);
  const above = scaled(Math.abs(product), Math.max(0, shift));
  const below = scaled(Math.abs(divisor), Math.max(0, -shift));
  if (above === undefined || below === undefined) return undefined;
  const rest = above % below;
  const lower = (above - rest) / below;
  // Doubling is exact in any case.
  const isUp = rest * 2 > below || (rest * 2 === below && lower % 2 === 1);
  const magnitude = isUp ? lower + 1 : lower;
  return small(product < 0 !== divisor < 0 ? -magnitude : magnitude, scale);
}

/** `value` as a multiple of the positive `step`. */
export function smallMultiple(
  value: string,
  step: string,
  rounding: 'down' | 'up' | 'nearest',
): string | undefined {
  const valuePlaces = placesOf(value);
  const stepPlaces = placesOf(step);
  const places = Math.max(valuePlaces, stepPlaces);
  const digits = scaled(digitsOf(value), places - valuePlaces);
  const unit = scaled(digitsOf(step), places - stepPlaces);
  if (digits === undefined || unit === undefined) return undefined;
  const magnitude = Math.abs(digits);
  const rest = magnitude % unit;
  if (rest === 0) return small(digits, places);
  const lower = magnitude - rest;
  const isUp =
    rounding === 'up' ||
    (rounding === 'nearest' && (rest * 2 > unit || (rest * 2 === unit && (lower / unit) % 2 === 1)));
  const rounded = isUp ? lower + unit : lower;
  return small(digits < 0 ? -rounded : rounded, places);
}

/** digits × 10^places; undefined where that may not be exact. */
function scaled(digits: number, places: number): number | undefined {
  const power = POWERS[places];
  if (power === undefined) return undefined;
  const result = digits * power;
  return result >= -MAX_SAFE && result <= MAX_SAFE ? result : undefined;
}
