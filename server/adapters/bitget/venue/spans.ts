import type { Span } from './familyApi.ts';

const DAY_MS = 86_400_000;
/** What the exchange tells at once, and at all: less than the week and the thirty days that it names. */
const SPAN_MS = 6 * DAY_MS;
const MEMORY_MS = 29 * DAY_MS;
/** Its clock, as it is known here, may be behind. */
const AHEAD_MS = 10_000;

/** The time from `from` until now, in stretches that the exchange takes, the oldest first. What it has forgotten is left out. */
export function spansSince(from: number, now: number): Span[] {
  const end = now + AHEAD_MS;
  const spans: Span[] = [];
  for (let start = Math.max(from, now - MEMORY_MS); start <= end; start += SPAN_MS + 1)
    spans.push({ from: start, to: Math.min(start + SPAN_MS, end) });
  return spans;
}
