import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../server/testing/venue/manualClock.ts';
import { ServerClock } from './serverClock.ts';

test('[SDK-61] knows the server clock to half the shortest round trip', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.array(fc.tuple(fc.nat(2_000), fc.nat(2_000)), { minLength: 1, maxLength: 8 }),
      (offsetMs, trips) => {
        const clock = new ManualClock();
        const server = new ServerClock(clock);
        for (const [thereMs, backMs] of trips) {
          const sentAt = clock.now();
          clock.advance(thereMs);
          const serverTime = clock.now() + offsetMs;
          clock.advance(backMs);
          server.record(sentAt, clock.now(), serverTime);
        }
        const shortest = Math.min(...trips.map(([thereMs, backMs]) => thereMs + backMs));
        expect(Math.abs(server.now() - (clock.now() + offsetMs))).toBeLessThanOrEqual(shortest / 2 + 1);
      },
    ),
    { numRuns: 200 },
  );
});

test('[SDK-61] forgets what it knew when the device clock is set', () => {
  let now = 1_000_000;
  const clock = { now: () => now, after: () => () => {} };
  const server = new ServerClock(clock);
  server.record(clock.now(), clock.now(), 1_005_000);
  expect(server.now()).toBe(1_005_000);
  now = 5_000_000;
  server.record(clock.now() - 100, clock.now(), 1_005_050);
  expect(server.now()).toBe(1_005_100);
});

test('[SDK-61] forgets old round trips, so that a drifting clock is followed', () => {
  const clock = new ManualClock(1_000_000);
  const server = new ServerClock(clock);
  server.record(clock.now(), clock.now(), clock.now());
  for (let n = 0; n < 8; n += 1) server.record(clock.now() - 100, clock.now(), clock.now() + 40 - 50);
  expect(server.now()).toBe(clock.now() + 40);
});
