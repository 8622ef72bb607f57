import { expect, test } from 'vitest';
import { ManualClock } from '../../testing/venue/manualClock.ts';
import { steadyClock } from './steadyClock.ts';

const HOUR = 3_600_000;
const START = 1_800_000_000_000;

test('[FOUND-9] a steady clock begins at the wall clock and counts what passes, whatever that is set to', () => {
  for (const step of [-HOUR, HOUR, -24 * HOUR]) {
    const wall = new ManualClock(START);
    const steady = steadyClock(wall);
    expect(steady.now()).toBe(START);
    wall.advance(10_000);
    expect(steady.now()).toBe(START + 10_000);
    wall.setWall(step);
    expect(steady.now()).toBe(START + 10_000);
    wall.advance(10_000);
    // Off by a twentieth at most, on its way back to the wall clock.
    expect(steady.now()).toBe(START + 20_000 + (step < 0 ? -500 : 500));
  }
});

test('[FOUND-9] it never runs back, and is with the wall clock again after twenty times the step', () => {
  const wall = new ManualClock(START);
  const steady = steadyClock(wall);
  wall.setWall(-HOUR);
  let last = steady.now();
  for (let n = 0; n < 20; n += 1) {
    wall.advance(HOUR);
    expect(steady.now()).toBeGreaterThan(last);
    last = steady.now();
  }
  expect(last).toBe(wall.now());
});

test('[FOUND-9] stamps are whole milliseconds, however finely it counts', () => {
  const wall = new ManualClock(START);
  let elapsed = 0.25;
  const steady = steadyClock({
    now: () => wall.now(),
    elapsed: () => elapsed,
    after: () => () => {},
    soon: () => {},
  });
  elapsed = 1.9;
  expect(Number.isInteger(steady.now())).toBe(true);
});
