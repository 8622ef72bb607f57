import { describe, expect, it } from 'vitest';
import { seriesOf, wavyMarket, windowOf } from '../../testing/market/barSeries.ts';
import { entered, evaluateAt, held } from '../../testing/market/evaluateStrategy.ts';
import { mean, referenceAdx, referenceBands } from '../../testing/market/referenceIndicators.ts';
import { aggressive } from './aggressive.ts';

/** A slow steady rise (all movement one way: ADX 100), a rest of some bars, then a jump. */
const rise = [
  ...Array.from({ length: 240 }, (_, at) => 100 + at * 0.1),
  ...Array.from({ length: 5 }, () => 124),
];
const withLast = (close: number, volume: number, mirror = false) => {
  const closes = [...rise, close].map((value) => (mirror ? 300 - value : value));
  return seriesOf(closes, [...rise.map(() => 10), volume]);
};

describe('aggressive', () => {
  it('[STRAT-30] enters long when a bar closes above the band, in a strong trend, loudly, and rising', () => {
    const decision = evaluateAt(aggressive, {}, withLast(128, 40));
    expect(entered(decision)).toBe('long');
    expect(decision.note).toMatchObject({
      code: 'enters_on_breakout',
      figures: { direction: 'long', close: '128', adx: expect.stringMatching(/^\d+(\.\d)?$/) },
    });
    expect(entered(evaluateAt(aggressive, {}, withLast(128, 40, true)))).toBe('short');
  });

  it('[STRAT-31] inside the bands, or outside for the second bar, it waits for a breakout', () => {
    expect(evaluateAt(aggressive, {}, withLast(124, 40)).note).toMatchObject({ code: 'waits_for_breakout' });
    const second = seriesOf([...rise, 128, 131], [...rise.map(() => 10), 40, 90]);
    const decision = evaluateAt(aggressive, {}, second);
    expect(decision.desired).toEqual([]);
    expect(decision.note).toMatchObject({ code: 'waits_for_return', figures: { close: '131' } });
  });

  it('[STRAT-31] a breakout without trend, volume or colour waits for what is missing, with figures', () => {
    const flat = seriesOf(
      [...Array.from({ length: 245 }, (_, at) => 100 + (at % 2)), 104],
      [...rise.map(() => 10), 40],
    );
    expect(evaluateAt(aggressive, {}, flat).note).toMatchObject({
      code: 'waits_for_adx',
      figures: { limit: '25' },
    });
    expect(entered(evaluateAt(aggressive, { adxMin: 0 }, flat))).toBe('long');

    // Average of 19 × 10 and 20 is 10.5: 20 is not above 21.
    const quiet = evaluateAt(aggressive, {}, withLast(128, 20));
    const figures = { direction: 'long', volume: '20', factor: '2', average: '10.5' };
    expect(quiet.note).toEqual({ code: 'waits_for_volume', figures });
    expect(entered(evaluateAt(aggressive, { volumeFactor: 0 }, withLast(128, 20)))).toBe('long');

    const red = withLast(128, 40);
    const redBar = { ...red, open: [...red.open.slice(0, -1), 129] };
    expect(evaluateAt(aggressive, {}, redBar).note.code).toBe('waits_for_colour');
    expect(entered(evaluateAt(aggressive, { candleColour: false }, redBar))).toBe('long');
    expect(evaluateAt(aggressive, { sides: 'short' }, withLast(128, 40)).note.code).toBe('side_off');
  });

  it('[STRAT-32] protection: stop 1.5 %, half out at 3 %, a quarter at 6 %, the rest at 8 %', () => {
    expect(evaluateAt(aggressive, {}, withLast(128, 40)).protection).toMatchObject({
      stopLossPct: '1.5',
      takeProfits: [
        { slot: 'tp1', atPct: '3', share: '0.5' },
        { slot: 'tp2', atPct: '6', share: '0.25' },
        { slot: 'tp3', atPct: '8', share: '0.25' },
      ],
    });
    const odd = evaluateAt(
      aggressive,
      { firstSharePct: 33.3, secondSharePct: 33.3 },
      withLast(128, 40),
    ).protection;
    expect(odd.takeProfits.map((step) => step.share)).toEqual(['0.333', '0.333', '0.334']);
  });

  it('[STRAT-33] while it holds a position it leaves the exits to the protection', () => {
    const decision = evaluateAt(aggressive, {}, withLast(128, 40, true), { position: held('long', 160) });
    expect(decision).toMatchObject({
      desired: [],
      note: { code: 'holds', figures: { direction: 'long', entry: '160', now: '172', profit: '7.5' } },
    });
  });

  it('[STRAT-30] over a long market it enters exactly where the rule, computed plainly, says so', () => {
    const raw = {
      bandPeriod: 15,
      bandDeviations: 1.5,
      adxPeriod: 7,
      adxMin: 20,
      volumePeriod: 10,
      volumeFactor: 1.2,
    };
    const market = wavyMarket(1_200, 8);
    const length = aggressive.warmupBars(aggressive.paramsSchema.parse(raw));
    let entries = 0;
    for (let last = length - 1; last < market.close.length; last += 1) {
      const window = windowOf(market, last, length);
      const [before = 0, close = 0] = window.close.slice(-2);
      const bands = referenceBands(window.close, 15, 1.5);
      const bandsBefore = referenceBands(window.close.slice(0, -1), 15, 1.5);
      const confirmed =
        referenceAdx(window, 7) > 20 &&
        (window.volume[length - 1] ?? 0) > 1.2 * mean(window.volume.slice(-10));
      const open = window.open[length - 1] ?? 0;
      const up = close > bands.upper && before <= bandsBefore.upper && close > open;
      const down = close < bands.lower && before >= bandsBefore.lower && close < open;
      const expected = confirmed && up ? 'long' : confirmed && down ? 'short' : undefined;
      expect(entered(evaluateAt(aggressive, raw, market, { last }))).toBe(expected);
      if (expected !== undefined) entries += 1;
    }
    expect(entries).toBeGreaterThan(10);
  });
});
