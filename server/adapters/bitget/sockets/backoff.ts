/** The first wait before a connection is tried again, and the longest, ms. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** How long to wait before the `failures`th attempt anew: twice as long each time, and never at the same moment as others. */
export function backoffMs(failures: number, random: () => number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return whole / 2 + (random() * whole) / 2;
}
