import { expect, test } from 'vitest';
import { CRASH_STAGES, FLAT_WITHIN_MS, runEmergencyTrial, type TrialResult } from './emergencyTrial.ts';
import { inOneTurn } from './host/inOneTurn.ts';
import { VENUE_KINDS } from './venueKinds.ts';

/** A few of what `npm run simulate:emergency` runs by the thousand; one with a crash in `cleaning`, which is rare. */
const CASES = [
  ...VENUE_KINDS.map((profile) => ({ profile, crashIn: 'each', seed: 1 }) as const),
  ...CRASH_STAGES.map((crashIn, index) => ({
    profile: VENUE_KINDS[index % VENUE_KINDS.length] ?? 'ideal',
    crashIn,
    seed: 2 + index,
  })),
];

const results: TrialResult[] = [];

test.each(CASES)(
  '[SIMU-8] [N3] [R18] [INV-7] [INV-8] an emergency stop at $profile, killed in $crashIn, seed $seed: flat within a minute of the last fault, and no entry after the latch',
  async (run) => {
    const result = await inOneTurn(() => runEmergencyTrial(run));
    expect(result).toMatchObject({ failure: null, residual: 0 });
    expect(result.flatAfterMs).toBeLessThanOrEqual(FLAT_WITHIN_MS);
    results.push(result);
  },
);

test('[SIMU-8] these runs met crashes, refusals, timeouts and partial fills', () => {
  const crashes = new Set(results.flatMap((result) => result.crashes));
  expect([...crashes]).toEqual(expect.arrayContaining(['latched', 'cancelling', 'closing']));
  for (const name of [
    'fault:order_rejected',
    'fault:response_lost',
    'fault:request_late',
    'met:partial fill',
  ])
    expect(results.some(({ coverage }) => (coverage.counts.get(name) ?? 0) > 0)).toBe(true);
});

const refused: number[] = [];

test.each(VENUE_KINDS)(
  '[SIMU-8] [EMER-5] what a venue like %s keeps refusing, and nothing else, is left by the receipt, and closed once it no longer refuses',
  async (profile) => {
    const result = await inOneTurn(() =>
      runEmergencyTrial({ seed: 11, profile, crashIn: 'closing', refuses: true }),
    );
    expect(result.failure).toBeNull();
    refused.push(result.residual);
  },
);

test('[SIMU-8] [EMER-5] in some of these runs something was left', () => {
  expect(Math.max(...refused)).toBeGreaterThan(0);
});
