import { INTERVAL_MS } from '../../shared/domain/market.ts';

/** Bars of a day and longer are days of UTC; shorter ones are read in the time of this device. */
export const readInUtc = (intervalMs: number): boolean => intervalMs >= INTERVAL_MS['1d'];

/** The zone that the words at the axis are in, at a moment: `GMT+9`. */
export function chartZone(locale: string, intervalMs: number, ts: number): string {
  if (readInUtc(intervalMs)) return 'UTC';
  const format = new Intl.DateTimeFormat(locale, { timeZoneName: 'shortOffset' });
  return format.formatToParts(ts).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
