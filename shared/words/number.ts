import type { Decimal } from '../domain/decimal.ts';

/** Formatters are costly to make and prices change every frame: one per locale and shape. Bounded by the shapes used. */
const formatters = new Map<string, Intl.NumberFormat>();

function formatter(locale: string, minScale: number, maxScale: number, signed: boolean): Intl.NumberFormat {
  const key = `${locale}|${minScale}|${maxScale}|${signed}`;
  let found = formatters.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, {
      minimumFractionDigits: minScale,
      maximumFractionDigits: maxScale,
      signDisplay: signed ? 'exceptZero' : 'negative',
    });
    formatters.set(key, found);
  }
  return found;
}

/** A true minus sign has the width of a digit, so columns stay in line. */
const withMinus = (text: string): string => text.replace('-', '\u2212');

export interface DecimalFormat {
  /** Digits after the point, at least. Default 0. */
  minScale?: number;
  /** Digits after the point, at most. Default 18: all of them. */
  maxScale?: number;
  /** `+` for what is above zero. */
  signed?: boolean;
}

/** Formats a decimal from its text: exact, whatever its length; grouped as the locale does. */
export function formatDecimal(value: Decimal, locale: string, format: DecimalFormat = {}): string {
  const minScale = format.minScale ?? 0;
  const maxScale = Math.max(minScale, format.maxScale ?? 18);
  return withMinus(
    formatter(locale, minScale, maxScale, format.signed === true).format(value as `${number}`),
  );
}

/** An amount of money in a quote coin: always two digits after the point. */
export function formatMoney(value: Decimal, locale: string): string {
  return formatDecimal(value, locale, { minScale: 2, maxScale: 2 });
}

/** A gain or loss: with its sign; amounts below a cent keep what shows that they are not zero. */
export function formatPnl(value: Decimal, locale: string): string {
  return formatDecimal(value, locale, { minScale: 2, maxScale: isBelowCent(value) ? 6 : 2, signed: true });
}

const isBelowCent = (value: Decimal): boolean => /^-?0\.00/.test(value);

/** A price with as many digits as the instrument's tick has; unknown tick: as many as the price has. */
export function formatPrice(value: Decimal, tickScale: number | undefined, locale: string): string {
  if (tickScale === undefined) return formatDecimal(value, locale);
  return formatDecimal(value, locale, { minScale: tickScale, maxScale: tickScale });
}

/** Percentages arrive as plain numbers: 1.5 = 1.5 %. */
export function formatPercent(
  value: Decimal,
  locale: string,
  format: DecimalFormat = { maxScale: 2 },
): string {
  return `${formatDecimal(value, locale, format)}%`;
}

/** What a sign is shown as: `up`, `down` or nothing. */
export function toneOf(value: Decimal | null | undefined): 'up' | 'down' | '' {
  if (value === null || value === undefined || value === '0') return '';
  return value.startsWith('-') ? 'down' : 'up';
}
