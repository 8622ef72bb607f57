/** Formatters are costly to make; zones are few. Bounded by the zones that exist. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formatters.set(timeZone, made);
  return made;
}

/** Every zone changes its day at a full quarter of an hour, so a day is looked up once per quarter and zone. */
const QUARTER_MS = 900_000;
const DAYS_KEPT = 1_000;
const days = new Map<string, string>();

/** The local calendar day of a market time: changes at local midnight. */
export function riskDay(ts: number, timeZone: string): string {
  const key = `${Math.floor(ts / QUARTER_MS)}${timeZone}`;
  const known = days.get(key);
  if (known !== undefined) return known;
  const day = formatterOf(timeZone).format(ts);
  if (days.size >= DAYS_KEPT) days.clear();
  days.set(key, day);
  return day;
}

export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}
