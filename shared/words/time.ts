const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, shape: 'time' | 'day' | 'full'): Intl.DateTimeFormat {
  const key = `${locale}|${shape}`;
  let found = formatters.get(key);
  if (found === undefined) {
    const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
    const day = { month: 'short', day: 'numeric' } as const;
    found = new Intl.DateTimeFormat(
      locale,
      shape === 'time' ? time : shape === 'day' ? day : { ...day, ...time },
    );
    formatters.set(key, found);
  }
  return found;
}

/** Wall-clock time on this device, to the second. */
export const formatTime = (ts: number, locale: string): string => formatter(locale, 'time').format(ts);
export const formatDateTime = (ts: number, locale: string): string => formatter(locale, 'full').format(ts);

/** The time alone for the same day as `now`, else day and time. */
export function formatWhen(ts: number, now: number, locale: string): string {
  const sameDay = new Date(ts).toDateString() === new Date(now).toDateString();
  return sameDay ? formatTime(ts, locale) : formatDateTime(ts, locale);
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** A length of time in its two largest units, such as `2 hr 5 min`. Below a second: milliseconds. */
export function formatDuration(ms: number, locale: string): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return unit(whole, 'millisecond', locale);
  const first = UNITS.findIndex(([, length]) => whole >= length);
  const parts: string[] = [];
  let rest = whole;
  for (const [name, length] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(unit(count, name, locale));
  }
  return parts.join(' ');
}

/** How long ago something was, such as `2s ago`; from a day on its day and time. Both times of one clock. */
export function formatAgo(ts: number, now: number, locale: string): string {
  const age = Math.max(0, now - ts);
  const [name, length] = UNITS.find(([, each]) => age >= each) ?? ['second', 1_000];
  if (name === 'day') return formatDateTime(ts, locale);
  // Never a positive zero: that would be told as to come.
  return agoFormatter(locale).format(-Math.floor(age / length), name);
}

const agoFormatters = new Map<string, Intl.RelativeTimeFormat>();

function agoFormatter(locale: string): Intl.RelativeTimeFormat {
  let found = agoFormatters.get(locale);
  if (found === undefined) {
    found = new Intl.RelativeTimeFormat(locale, { style: 'narrow' });
    agoFormatters.set(locale, found);
  }
  return found;
}

const unitFormatters = new Map<string, Intl.NumberFormat>();

function unit(count: number, name: string, locale: string): string {
  const key = `${locale}|${name}`;
  let found = unitFormatters.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' });
    unitFormatters.set(key, found);
  }
  return found.format(count);
}
