import { describe, expect, it } from 'vitest';
import { seriesOf, wavyMarket, windowOf } from '../../testing/market/barSeries.ts';
import { entered, evaluateAt, held } from '../../testing/market/evaluateStrategy.ts';
import { mean, referenceEma, referenceRsi } from '../../testing/market/referenceIndicators.ts';
import { conservative } from './conservative.ts';

/** 300 bars down by 0.1 each, then a jump that takes the fast average through the slow one at once. */
const fall = Array.from({ length: 300 }, (_, at) => 200 - at * 0.1);
const volumes = (last: number): number[] => [...Array(300).fill(10), last] as number[];
const crossUp = (volume: number) => seriesOf([...fall, 205], volumes(volume));
const mirrored = (volume: number) =>
  seriesOf(
    [...fall, 205].map((close) => 400 - close),
    volumes(volume),
  );

describe('conservative', () => {
  it('[STRAT-10] enters long on an EMA cross up with RSI above 50 and volume above 1.5 × its average', () => {
    const decision = evaluateAt(conservative, {}, crossUp(20));
    expect(decision.desired).toEqual([
      {
        slot: 'entry',
        intent: 'enter',
        direction: 'long',
        type: 'market',
        share: '1',
      },
    ]);
    expect(decision.note).toMatchObject({
      code: 'enters_on_cross',
      figures: { direction: 'long', fastPeriod: 20, slowPeriod: 50 },
    });
  });

  it('[STRAT-10] enters short on the mirror image', () => {
    expect(entered(evaluateAt(conservative, {}, mirrored(20)))).toBe('short');
  });

  it('[STRAT-11] without a cross on the bar it waits for one', () => {
    const decision = evaluateAt(conservative, {}, seriesOf(fall));
    expect(decision).toMatchObject({ desired: [], note: { code: 'waits_for_cross' } });
    expect(decision.note.figures).toMatchObject({ fastPeriod: 20, slowPeriod: 50 });
    const aBarLater = seriesOf([...fall, 205, 205], [...volumes(20), 50]);
    expect(evaluateAt(conservative, {}, aBarLater).note.code).toBe('waits_for_cross');
    expect(entered(evaluateAt(conservative, { crossWithinBars: 2 }, aBarLater))).toBe('long');
  });

  it('[STRAT-11] a cross without volume waits for volume, and says how much', () => {
    // Average of 29 × 10 and 15 is 10.1667: 15 is not above 15.25.
    const decision = evaluateAt(conservative, {}, crossUp(15));
    expect(decision).toMatchObject({
      desired: [],
      note: {
        code: 'waits_for_volume',
        figures: { direction: 'long', volume: '15', factor: '1.5', average: '10.1667' },
      },
    });
    expect(entered(evaluateAt(conservative, { volumeFactor: 0 }, crossUp(0)))).toBe('long');
  });

  it('[STRAT-11] a cross against the RSI waits for the RSI; a direction switched off is said', () => {
    // Losses between the gains keep the RSI near 75 although the averages cross.
    const down = Array.from({ length: 300 }, (_, at) => 200 - at * 0.05 + (at % 2));
    const zigzag = seriesOf([...down, 220], volumes(20));
    const decision = evaluateAt(conservative, { rsiMidline: 90 }, zigzag);
    expect(decision.note).toMatchObject({
      code: 'waits_for_rsi',
      figures: { direction: 'long', bound: 'above', limit: '90' },
    });
    expect(evaluateAt(conservative, { sides: 'short' }, crossUp(20)).note.code).toBe('side_off');
    expect(entered(evaluateAt(conservative, { sides: 'long' }, crossUp(20)))).toBe('long');
  });

  it('[STRAT-12] protection: stop 4 %, half out at 5 %, the rest at 8 %', () => {
    expect(evaluateAt(conservative, {}, crossUp(20)).protection).toEqual({
      stopLossPct: '4',
      takeProfits: [
        { slot: 'tp1', atPct: '5', share: '0.5' },
        { slot: 'tp2', atPct: '8', share: '0.5' },
      ],
      trailing: null,
      breakEvenAtPct: null,
      maxHoldMs: null,
    });
    const all = evaluateAt(
      conservative,
      { partialSharePct: 0, breakEvenAtPct: 2, maxHoldMinutes: 3 },
      crossUp(20),
    ).protection;
    expect(all).toMatchObject({
      takeProfits: [{ slot: 'tp2', atPct: '8', share: '1' }],
      breakEvenAtPct: '2',
      maxHoldMs: 180_000,
    });
  });

  it('[STRAT-13] while it holds a position it leaves the exits to the protection', () => {
    const decision = evaluateAt(conservative, {}, mirrored(20), { position: held('long', 200) });
    expect(decision.desired).toEqual([]);
    expect(decision.note).toEqual({
      code: 'holds',
      figures: { direction: 'long', entry: '200', now: '195', profit: '-2.5' },
    });
  });

  it('[STRAT-10] over a long market it enters exactly where the rule, computed plainly, says so', () => {
    const raw = {
      fastPeriod: 5,
      slowPeriod: 12,
      rsiPeriod: 7,
      volumePeriod: 10,
      volumeFactor: 1.2,
      crossWithinBars: 2,
    };
    const params = conservative.paramsSchema.parse(raw);
    const market = wavyMarket(1_200, 5);
    const length = conservative.warmupBars(params);
    let entries = 0;
    for (let last = length - 1; last < market.close.length; last += 1) {
      const window = windowOf(market, last, length);
      const gap = referenceEma(window.close, 5)
        .map((fast, at) => fast - (referenceEma(window.close, 12)[at] ?? 0))
        .slice(-3);
      const [older = 0, before = 0, now = 0] = gap;
      const up = now > 0 && (before <= 0 || older <= 0);
      const down = now < 0 && (before >= 0 || older >= 0);
      const strength = referenceRsi(window.close, 7)[length - 1] ?? 50;
      const loud = (window.volume[length - 1] ?? 0) > 1.2 * mean(window.volume.slice(-10));
      const expected =
        loud && up && strength > 50 ? 'long' : loud && down && strength < 50 ? 'short' : undefined;
      expect(entered(evaluateAt(conservative, raw, market, { last }))).toBe(expected);
      if (expected !== undefined) entries += 1;
    }
    expect(entries).toBeGreaterThan(10);
  });
});
