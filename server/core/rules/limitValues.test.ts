import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bookSchema, type LimitValues, limitValuesSchema } from '../../../shared/domain/account.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { inLongForm } from '../../testing/longForm.ts';
import { DEFAULT_LIMITS, isLooser, LIMIT_NAMES, STOP_OUT_WINDOW_MS } from './limitValues.ts';

const OFF: LimitValues = { ...DEFAULT_LIMITS, maxPositions: null };

describe('looser and tighter', () => {
  const looser: [keyof LimitValues, Partial<LimitValues>, Partial<LimitValues>][] = [
    ['dailyLoss', { dailyLoss: dec('500') }, { dailyLoss: dec('500.00000001') }],
    ['dailyLoss', { dailyLoss: dec('0') }, { dailyLoss: null }],
    ['dailyLossPolicy', { dailyLoss: dec('1'), dailyLossPolicy: 'flatten' }, { dailyLossPolicy: 'hold' }],
    ['drawdownPct', { drawdownPct: dec('5') }, { drawdownPct: dec('5.1') }],
    ['drawdownPolicy', { drawdownPct: dec('5'), drawdownPolicy: 'flatten' }, { drawdownPolicy: 'hold' }],
    ['maxLeverage', { maxLeverage: 3 }, { maxLeverage: 4 }],
    ['maxPositions', { maxPositions: 0 }, { maxPositions: null }],
    ['maxOrderNotional', { maxOrderNotional: dec('9') }, { maxOrderNotional: dec('10') }],
    ['maxTotalNotional', { maxTotalNotional: dec('9') }, { maxTotalNotional: null }],
    ['maxOrdersPerMinute', { maxOrdersPerMinute: 9 }, { maxOrdersPerMinute: 10 }],
    ['priceBandPct', { priceBandPct: dec('1') }, { priceBandPct: null }],
    ['liquidationMarginPct', { liquidationMarginPct: dec('1') }, { liquidationMarginPct: dec('0.9') }],
    ['liquidationMarginPct', { liquidationMarginPct: dec('1') }, { liquidationMarginPct: null }],
    ['cooldownAfterStopMs', { cooldownAfterStopMs: 60_000 }, { cooldownAfterStopMs: 59_999 }],
    ['cooldownAfterStopMs', { cooldownAfterStopMs: 60_000 }, { cooldownAfterStopMs: null }],
    ['maxStopOuts', { maxStopOuts: 3 }, { maxStopOuts: 4 }],
    ['stopOutWindowMs', { maxStopOuts: 3, stopOutWindowMs: HOUR }, { stopOutWindowMs: HOUR - 1 }],
    ['stopOutWindowMs', { maxStopOuts: 3, stopOutWindowMs: null }, { stopOutWindowMs: HOUR }],
    [
      'stopOutWindowMs',
      { maxStopOuts: 3, stopOutWindowMs: 2 * STOP_OUT_WINDOW_MS },
      { stopOutWindowMs: null },
    ],
  ];
  it.each(looser)(
    '[RISK-14] %s: from %j to %j is looser and waits, the way back holds at once',
    (name, tight, loose) => {
      const current = { ...OFF, ...tight };
      const asked = { ...current, ...loose };
      expect(isLooser(name, asked, current)).toBe(true);
      expect(isLooser(name, current, { ...asked, maxStopOuts: current.maxStopOuts ?? null })).toBe(false);
      const s = new RiskDesk();
      s.tick();
      s.set({ ...OFF, ...tight });
      s.jump(24 * HOUR);
      expect(s.limits().values[name]).toEqual(current[name]);
      s.set(loose);
      expect(s.limits().values[name]).toEqual(current[name]);
      expect(s.limits().pending?.[name]).toEqual(asked[name]);
      s.jump(24 * HOUR);
      expect(s.limits()).toMatchObject({ pending: null });
      expect(s.limits().values[name]).toEqual(asked[name]);
      s.set({ [name]: current[name] ?? null });
      expect(s.limits().values[name]).toEqual(current[name]);
    },
  );

  it('[RISK-14] what belongs to a limit that is off changes at once: there is nothing to talk oneself out of', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100'), dailyLossPolicy: 'hold', maxStopOuts: 2, stopOutWindowMs: HOUR });
    expect(s.limits()).toMatchObject({
      pending: null,
      values: { dailyLossPolicy: 'hold', stopOutWindowMs: HOUR },
    });
  });

  it('[RISK-14] every limit there is has a direction', () => {
    expect([...LIMIT_NAMES].sort()).toEqual(Object.keys(limitValuesSchema.shape).sort());
    expect(bookSchema.options).toEqual(['simulated', 'demo', 'live']);
  });
});

const amount = fc.option(fc.integer({ min: 0, max: 6 }).map((n) => dec(String(n * 250 + 20_000))));
const percent = fc.option(fc.integer({ min: 1, max: 9 }).map((n) => dec(String(n * 10))));
const change: fc.Arbitrary<Partial<LimitValues>> = fc.record(
  {
    dailyLoss: amount,
    dailyLossPolicy: fc.constantFrom('flatten', 'hold'),
    drawdownPct: percent,
    maxLeverage: fc.option(fc.integer({ min: 1, max: 9 })),
    maxPositions: fc.option(fc.integer({ min: 0, max: 9 })),
    priceBandPct: percent,
    liquidationMarginPct: percent,
    cooldownAfterStopMs: fc.option(fc.integer({ min: 0, max: 9 })),
    maxStopOuts: fc.option(fc.integer({ min: 1, max: 9 })),
    stopOutWindowMs: fc.option(fc.integer({ min: 1_000, max: 9_000 })),
  },
  { requiredKeys: [] },
);
const step = fc.oneof(
  { weight: 5, arbitrary: change.map((values) => ({ type: 'set', values }) as const) },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 30 }).map((hours) => ({ type: 'pass', hours }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 80 }).map((hours) => ({ type: 'back', hours }) as const),
  },
  { weight: 1, arbitrary: fc.constantFrom('release', 'restart').map((type) => ({ type }) as const) },
);

describe('limits over random days', () => {
  it.each(['account', 'book'] as const)(
    '[RISK-14] [RISK-15] [N7] of an %s: never looser than what was in force before the last midnight, never tighter than asked for',
    (kind) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
          const s = new RiskDesk();
          s.tick();
          const set = (values: Partial<LimitValues>) => (kind === 'book' ? s.setBook(values) : s.set(values));
          const limits = () => (kind === 'book' ? s.bookLimits() : s.limits());
          set({});
          let wanted = limits().values;
          let latest = s.marketTime;
          for (const one of steps) {
            const before = limits().values;
            const day = Math.floor(latest / (24 * HOUR));
            if (one.type === 'set') {
              wanted = { ...wanted, ...one.values };
              set(one.values);
            } else if (one.type === 'pass') s.jump(one.hours * HOUR);
            else if (one.type === 'back') {
              s.marketTime -= one.hours * HOUR;
              s.tick(0);
            } else if (one.type === 'release') s.command({ type: 'ReleaseEmergency', scope: {} });
            else {
              s.give({ type: 'Recovered', downMs: 1_000, latch: null });
              s.readLater();
              s.tick();
            }
            latest = Math.max(latest, s.marketTime);
            const now = limits();
            const isMidnight = Math.floor(latest / (24 * HOUR)) > day;
            for (const name of LIMIT_NAMES) {
              if (!isMidnight) expect([name, isLooser(name, now.values, before)]).toEqual([name, false]);
              // What is asked for and no looser is in force; the rest waits as it was asked for.
              if (!isLooser(name, wanted, now.values))
                expect([name, now.values[name]]).toEqual([name, wanted[name]]);
            }
            expect(now.pending === null ? now.values : now.pending).toEqual(wanted);
          }
        }),
        { seed: 20_261_122, numRuns: inLongForm(150, 50) },
      );
    },
  );
});
