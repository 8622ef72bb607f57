/** Formatters are costly to make; zones are few, but may be written in many ways. */
const FORMATTERS_KEPT = 1_000;
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
  if (formatters.size >= FORMATTERS_KEPT) formatters.clear();
  formatters.set(timeZone, made);
  return made;
}

/** Every zone changes its day at a full quarter of an hour, so a day is looked up once per quarter and zone. */
const QUARTER_MS = 900_000;
const DAYS_KEPT = 1_000;
const days = new Map<string, string>();

/** The local calendar day of a market time, as 2026-01-31: changes at local midnight. */
export function riskDay(ts: number, timeZone: string): string {
  const quarter = Math.floor(ts / QUARTER_MS);
  const key = `${quarter}${timeZone}`;
  const known = days.get(key);
  if (known !== undefined) return known;
  // Of the quarter's beginning: what came first within it must not decide.
  const day = formatterOf(timeZone).format(quarter * QUARTER_MS);
  if (days.size >= DAYS_KEPT) days.clear();
  days.set(key, day);
  return day;
}

/** Whether a local midnight lies between: a clock that jumps back, or an hour lived twice, begins no day anew. */
export function isLaterDay(ts: number, since: number, timeZone: string): boolean {
  // Year, month, day: the order of the text is the order of the days.
  return ts > since && riskDay(ts, timeZone) > riskDay(since, timeZone);
}

/** The first local midnight after `since`. */
export function midnightAfter(since: number, timeZone: string): number {
  const day = riskDay(since, timeZone);
  let quarter = Math.floor(since / QUARTER_MS) + 1;
  while (riskDay(quarter * QUARTER_MS, timeZone) <= day) quarter += 1;
  return quarter * QUARTER_MS;
}

/** The local midnight that the day of `ts` began with. */
export function midnightOf(ts: number, timeZone: string): number {
  const day = riskDay(ts, timeZone);
  let quarter = Math.floor(ts / QUARTER_MS);
  while (riskDay((quarter - 1) * QUARTER_MS, timeZone) >= day) quarter -= 1;
  return quarter * QUARTER_MS;
}

export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}
