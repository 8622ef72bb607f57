import { describe, expect, it } from 'vitest';
import { seriesOf, wavyMarket, windowOf } from '../../testing/market/barSeries.ts';
import { entered, evaluateAt, held } from '../../testing/market/evaluateStrategy.ts';
import { referenceEma, referenceMacd, referenceRsi } from '../../testing/market/referenceIndicators.ts';
import { balanced } from './balanced.ts';

const still = Array(700).fill(1000) as number[];
/** A steep fall that slows down: the last close is the lowest, the RSI is not; its slope turned up: MACD crosses. */
const exhausted = [...still, 990, 980, 970, 960, 950, 951, 949.9, 951, 949.8, 951, 949.7];
const onlyRsi = { divergenceBars: 0, macdCrossWithinBars: 0, trendPeriod: 0 };

describe('balanced', () => {
  it('[STRAT-20] a setup is an RSI below 30 or above 70', () => {
    const quiet = evaluateAt(balanced, onlyRsi, seriesOf(still));
    expect(quiet).toMatchObject({
      desired: [],
      note: { code: 'waits_for_extreme', figures: { rsi: '50', low: '30', high: '70' } },
    });
    expect(entered(evaluateAt(balanced, onlyRsi, seriesOf([...still, 990])))).toBe('long');
    expect(entered(evaluateAt(balanced, onlyRsi, seriesOf([...still, 1010])))).toBe('short');
    expect(evaluateAt(balanced, { ...onlyRsi, sides: 'short' }, seriesOf([...still, 990])).note.code).toBe(
      'side_off',
    );
  });

  it('[STRAT-21] with divergence: price at a new 5-bar extreme, the RSI not', () => {
    const raw = { macdCrossWithinBars: 0, trendPeriod: 0 };
    const falling = evaluateAt(balanced, raw, seriesOf([...still, 990, 980, 970, 960]));
    expect(falling.note).toEqual({ code: 'waits_for_divergence', figures: { rsi: '0', bars: 5 } });
    expect(entered(evaluateAt(balanced, raw, seriesOf(exhausted)))).toBe('long');
    expect(entered(evaluateAt(balanced, raw, seriesOf(exhausted.map((close) => 2000 - close))))).toBe(
      'short',
    );
    // The lowest close of the fall lies within five bars and below the last one: no new extreme.
    const held5 = [...still, 990, 980, 970, 960, 949, 951, 949.9];
    expect(evaluateAt(balanced, raw, seriesOf(held5)).note.code).toBe('waits_for_divergence');
  });

  it('[STRAT-22] longs only above the EMA200, shorts only below; the MACD must have crossed that way', () => {
    const below = evaluateAt(balanced, {}, seriesOf(exhausted));
    expect(below.note).toMatchObject({
      code: 'waits_for_side',
      figures: { direction: 'long', close: '949.7', bound: 'above', period: 200 },
    });

    const noTrend = { trendPeriod: 0, divergenceBars: 0 };
    const fallen = [...still, 990, 980, 970];
    const uncrossed = evaluateAt(balanced, noTrend, seriesOf(fallen));
    expect(uncrossed.note).toMatchObject({
      code: 'waits_for_macd',
      figures: { direction: 'long', macd: expect.stringMatching(/^-\d/), cross: 'up' },
    });
    const crossed = { ...noTrend, macdFast: 2, macdSlow: 4, macdSignal: 2, neutralLow: 50 };
    expect(entered(evaluateAt(balanced, crossed, seriesOf([...fallen, 969, 971])))).toBe('long');

    const risen = Array.from({ length: 700 }, (_, at) => 1000 + at);
    const dip = { ...crossed, trendPeriod: 200, rsiPeriod: 2, neutralLow: 55, neutralHigh: 56 };
    const above = seriesOf([...risen, 1690, 1680, 1670, 1669, 1670]);
    expect(entered(evaluateAt(balanced, dip, above))).toBe('long');
  });

  it('[STRAT-23] a setup whose RSI is neutral again before everything agrees is spent', () => {
    // One loss of 10, one gain of 7 or 9: RSI 43.0 or 49.2.
    expect(entered(evaluateAt(balanced, onlyRsi, seriesOf([...still, 990, 997])))).toBe('long');
    const risen = evaluateAt(balanced, onlyRsi, seriesOf([...still, 990, 999]));
    expect(risen.note).toMatchObject({ code: 'setup_spent', figures: { direction: 'long' } });
  });

  it('[STRAT-24] half goes out when the RSI is neutral again, once; the stop is 2 %, the profit 4 %', () => {
    const neutral = seriesOf([...still, 990, 980, 996]);
    const decision = evaluateAt(balanced, {}, neutral, { position: held('long', 980) });
    expect(decision.note.code).toBe('takes_half');
    expect(decision.desired).toEqual([
      {
        slot: 'half',
        intent: 'exit',
        direction: 'long',
        type: 'market',
        share: '0.5',
      },
    ]);
    expect(decision.protection).toMatchObject({
      stopLossPct: '2',
      takeProfits: [{ slot: 'tp1', atPct: '4', share: '1' }],
    });
    const again = evaluateAt(balanced, {}, neutral, { position: held('long', 980, ['half']) });
    expect(again).toMatchObject({ desired: [], note: { code: 'holds_by_rsi' } });
    const early = evaluateAt(balanced, {}, seriesOf([...still, 990, 980, 981]), {
      position: held('long', 980),
    });
    expect(early.desired).toEqual([]);
    expect(early.note).toMatchObject({
      code: 'holds_for_half',
      figures: { entry: '980', now: '981', profit: '0.1', bound: 'above', limit: '45' },
    });
    const mirror = seriesOf([...still, 1010, 1020, 1004]);
    expect(evaluateAt(balanced, {}, mirror, { position: held('short', 1020) }).desired[0]).toMatchObject({
      slot: 'half',
    });
    expect(
      evaluateAt(balanced, { partialSharePct: 0 }, mirror, { position: held('short', 1020) }).desired,
    ).toEqual([]);
  });

  it('[STRAT-20] over a long market it enters exactly where the rules, computed plainly, say so', () => {
    const raw = {
      rsiPeriod: 7,
      oversold: 40,
      overbought: 60,
      divergenceBars: 3,
      macdFast: 6,
      macdSlow: 13,
      macdSignal: 5,
      trendPeriod: 60,
    };
    const market = wavyMarket(2_500, 2);
    const length = balanced.warmupBars(balanced.paramsSchema.parse(raw));
    let entries = 0;
    for (let last = length - 1; last < market.close.length; last += 1) {
      const { close } = windowOf(market, last, length);
      const strengths = referenceRsi(close, 7).map((value) => value ?? 50);
      const lines = referenceMacd(close, 6, 13, 5);
      const histogram = lines.macd.map((value, at) => value - (lines.signal[at] ?? 0));
      const end = length - 1;
      const at = (values: readonly number[], index: number): number => values[index] ?? 0;
      let expected: 'long' | 'short' | undefined;
      for (let bar = end; bar > end - 10 && expected === undefined; bar -= 1) {
        const earlier = [bar - 3, bar - 2, bar - 1];
        const low =
          earlier.every((i) => at(close, bar) < at(close, i)) &&
          earlier.some((i) => at(strengths, bar) > at(strengths, i));
        const high =
          earlier.every((i) => at(close, bar) > at(close, i)) &&
          earlier.some((i) => at(strengths, bar) < at(strengths, i));
        if (at(strengths, bar) < 40 && low) expected = 'long';
        else if (at(strengths, bar) > 60 && high) expected = 'short';
      }
      const sign = expected === 'short' ? -1 : 1;
      const trend = at(referenceEma(close, 60), end);
      const crossedFor = [0, 1, 2]
        .map((ago) => [sign * at(histogram, end - ago), sign * at(histogram, end - ago - 1)] as const)
        .find(([now, before]) => (now > 0 && before <= 0) || (now < 0 && before >= 0));
      const neutral = expected === 'long' ? at(strengths, end) >= 45 : at(strengths, end) <= 55;
      if (neutral || sign * at(close, end) <= sign * trend || crossedFor === undefined || crossedFor[0] < 0)
        expected = undefined;
      expect(entered(evaluateAt(balanced, raw, market, { last }))).toBe(expected);
      if (expected !== undefined) entries += 1;
    }
    expect(entries).toBeGreaterThan(5);
  });
});
