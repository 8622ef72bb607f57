import type { Clock } from '../../ports/clock.ts';

/** How much of the time that passes goes into following a wall clock that was set: an hour is made up for in 20. */
const SLEW_SHARE = 0.05;

/**
 * A clock whose `now` nobody sets: the wall time of its making and what has passed since. It draws near to the wall clock
 * again slowly, in either direction, so that stamps do not stay wrong for ever; it never jumps, stands still or runs back,
 * and a patience measured by it is off by a twentieth at most. Whole milliseconds.
 */
export function steadyClock(clock: Clock): Clock {
  let time = clock.now();
  let seen = clock.elapsed();
  return {
    now: () => {
      const elapsed = clock.elapsed();
      const passed = Math.max(0, elapsed - seen);
      seen = Math.max(seen, elapsed);
      const most = passed * SLEW_SHARE;
      const behind = clock.now() - (time + passed);
      time += passed + Math.min(Math.max(behind, -most), most);
      return Math.floor(time);
    },
    elapsed: () => clock.elapsed(),
    after: (delayMs, run) => clock.after(delayMs, run),
    soon: (run) => clock.soon(run),
  };
}
