import { type Decimal, scaleOf } from '../../../../shared/domain/decimal.ts';

/** Largest count of units that is still exact as an integer. */
const MAX_UNITS = Number.MAX_SAFE_INTEGER;

/** `units` × 10^-places as a canonical decimal; the bridge from the generator's grid to exact money. */
export function fromUnits(units: number, places: number): Decimal {
  if (!Number.isInteger(units) || units < 0 || units > MAX_UNITS)
    throw new RangeError(`not on the grid: ${units}`);
  if (units === 0) return '0' as Decimal;
  const digits = String(units).padStart(places + 1, '0');
  if (places === 0) return digits as Decimal;
  const point = digits.length - places;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === 48) end--;
  return (
    end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`
  ) as Decimal;
}

/** Places of a step that is a power of ten; throws on any other. */
export function placesOf(step: Decimal): number {
  const places = scaleOf(step);
  if (step !== fromUnits(1, places)) throw new RangeError(`step ${step} is no power of ten`);
  return places;
}
