import { describe, expect, it } from 'vitest';
import { seriesOf, wavyMarket, windowOf } from '../../testing/market/barSeries.ts';
import { entered, evaluateAt, held } from '../../testing/market/evaluateStrategy.ts';
import { referenceEma, referenceRsi } from '../../testing/market/referenceIndicators.ts';
import { momentum } from './momentum.ts';

/** A long rise by 1 a bar, then a pullback: the fast average stays above, the RSI falls. */
const rise = Array.from({ length: 200 }, (_, at) => 1000 + at);
const pullback = (bars: number, mirror = false) => {
  const closes = [...rise, ...Array.from({ length: bars }, (_, at) => 1199 - 3 * (at + 1))];
  return seriesOf(mirror ? closes.map((close) => 3000 - close) : closes);
};

describe('momentum', () => {
  it('[STRAT-40] joins a rising trend when the RSI has come back to 25–50, a falling one at 50–75', () => {
    expect(evaluateAt(momentum, {}, pullback(1)).note).toMatchObject({ code: 'waits_for_pullback' });
    const long = evaluateAt(momentum, {}, pullback(5));
    expect(entered(long)).toBe('long');
    expect(long.note).toMatchObject({
      code: 'enters_on_pullback',
      figures: { fastPeriod: 9, slowPeriod: 21, rsi: expect.stringMatching(/^(2[5-9]|[34]\d|50)(\.\d)?$/) },
    });
    expect(entered(evaluateAt(momentum, {}, pullback(5, true)))).toBe('short');
  });

  it('[STRAT-40] joins on the bar of the cross, whatever the RSI', () => {
    const flat = Array(200).fill(100) as number[];
    expect(evaluateAt(momentum, {}, seriesOf(flat)).note.code).toBe('waits_for_trend');
    const up = evaluateAt(momentum, {}, seriesOf([...flat, 105]));
    expect(entered(up)).toBe('long');
    expect(up.note).toMatchObject({ code: 'enters_on_cross', figures: { direction: 'long' } });
    expect(entered(evaluateAt(momentum, {}, seriesOf([...flat, 95])))).toBe('short');
    expect(evaluateAt(momentum, {}, seriesOf([...flat, 105, 106])).note).toMatchObject({
      code: 'waits_for_pullback',
    });
  });

  it('[STRAT-41] in a trend with the wrong RSI it says what it waits for', () => {
    const decision = evaluateAt(momentum, {}, seriesOf(rise));
    expect(decision.desired).toEqual([]);
    const figures = { trend: 'rising', rsi: '100', low: '25', high: '50' };
    expect(decision.note).toMatchObject({ code: 'waits_for_pullback', figures });
    expect(evaluateAt(momentum, { sides: 'short' }, pullback(5)).note.code).toBe('side_off');
  });

  it('[STRAT-42] protection: stop 1.5 %, profit 3 %, the stop follows from +1 %', () => {
    const { protection } = evaluateAt(momentum, {}, pullback(5));
    expect(protection).toMatchObject({
      stopLossPct: '1.5',
      takeProfits: [{ slot: 'tp1', atPct: '3', share: '1' }],
      trailing: { activatePct: '1', distancePct: '0.5' },
    });
    expect(evaluateAt(momentum, { trailingActivatePct: 0 }, pullback(5)).protection.trailing).toBeNull();
  });

  it('[STRAT-43] leaves all of a position on the reverse signal, not before', () => {
    const against = evaluateAt(momentum, {}, pullback(5, true), { position: held('long', 1800) });
    expect(against.note.code).toBe('exits');
    expect(against.desired).toEqual([
      {
        slot: 'signal_exit',
        intent: 'exit',
        direction: 'long',
        type: 'market',
        share: '1',
      },
    ]);
    expect(against.note).toMatchObject({ figures: { direction: 'short' } });
    expect(evaluateAt(momentum, {}, pullback(5), { position: held('long', 1180) })).toMatchObject({
      desired: [],
      note: { code: 'holds', figures: { direction: 'long', entry: '1180', now: '1184', profit: '0.34' } },
    });
    expect(evaluateAt(momentum, {}, pullback(5), { position: held('short', 1180) }).desired[0]).toMatchObject(
      {
        slot: 'signal_exit',
        direction: 'short',
      },
    );
    // A falling trend that is not a signal by itself (RSI too low to sell) leaves a long alone.
    const falling = seriesOf(rise.map((close) => 3000 - close));
    expect(evaluateAt(momentum, {}, falling, { position: held('long', 1900) }).note.code).toBe('holds');
  });

  it('[STRAT-40] over a long market it enters exactly where the rule, computed plainly, says so', () => {
    const market = wavyMarket(900, 11);
    const length = momentum.warmupBars(momentum.paramsSchema.parse({}));
    const seen = { long: 0, short: 0 };
    for (let last = length - 1; last < market.close.length; last += 1) {
      const { close } = windowOf(market, last, length);
      const slow = referenceEma(close, 21);
      const [before = 0, now = 0] = referenceEma(close, 9)
        .map((fast, at) => fast - (slow[at] ?? 0))
        .slice(-2);
      const strength = referenceRsi(close, 14)[length - 1] ?? 50;
      const up = now > 0 && (before <= 0 || (strength >= 25 && strength <= 50));
      const down = now < 0 && (before >= 0 || (strength >= 50 && strength <= 75));
      const expected = up ? 'long' : down ? 'short' : undefined;
      expect(entered(evaluateAt(momentum, {}, market, { last }))).toBe(expected);
      if (expected !== undefined) seen[expected] += 1;
    }
    expect(Math.min(seen.long, seen.short)).toBeGreaterThan(10);
  });
});
