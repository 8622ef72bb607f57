import { abs, type Decimal, dec, gte, scaleOf } from '../domain/decimal.ts';
import { formatDecimal } from './number.ts';
import { formatDateTime, formatDuration } from './time.ts';

/** How figures are written for whoever reads. */
export interface Format {
  decimal(value: Decimal): string;
  count(value: number): string;
  /** A length of time, ms. */
  duration(ms: number): string;
  /** ms since 1970. */
  moment(ts: number): string;
}

const ONE = dec('1');
/** More digits after the point than any step of prices or sizes has. */
const LONG_SCALE = 5;

/** As `locale` writes them. */
export function formatOf(locale: string): Format {
  return {
    decimal: (value) => formatFigure(value, locale),
    count: (value) => formatDecimal(dec(String(value)), locale),
    duration: (ms) => formatDuration(ms, locale),
    moment: (ts) => formatDateTime(ts, locale),
  };
}

/** Prices, sizes and steps need their digits; of what was computed to the last one, two say enough. */
export function formatFigure(value: Decimal, locale: string): string {
  const isLong = scaleOf(value) > LONG_SCALE && gte(abs(value), ONE);
  return formatDecimal(value, locale, isLong ? { minScale: 2, maxScale: 2 } : {});
}
