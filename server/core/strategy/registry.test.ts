import { describe, expect, it } from 'vitest';
import { botNoteSchema } from '../../../shared/domain/botNote.ts';
import { sum } from '../../../shared/domain/decimal.ts';
import { ops } from '../../../shared/protocol/ops.ts';
import { inEnglish } from '../../../shared/words/inEnglish.ts';
import { say } from '../../../shared/words/say.ts';
import { wavyMarket, windowOf } from '../../testing/market/barSeries.ts';
import { evaluateAt, held } from '../../testing/market/evaluateStrategy.ts';
import { describeStrategies, strategies } from './registry.ts';
import type { Strategy } from './strategy.ts';

const all = [...strategies.values()];
const market = wavyMarket(1_400, 4);

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}

/** Decisions on 50 bars, flat and holding, with fresh windows. */
function decisions(strategy: Strategy, raw = {}): string {
  const results = [];
  for (let last = 1_250; last < 1_400; last += 3) {
    results.push(evaluateAt(strategy, raw, market, { last }));
    results.push(evaluateAt(strategy, raw, market, { last, position: held('long', 1000) }));
    results.push(evaluateAt(strategy, raw, market, { last, position: held('short', 1000, ['half']) }));
  }
  return JSON.stringify(results);
}

describe('strategies', () => {
  it('[STRAT-3] are four, each under its id, with its interval and defaults', () => {
    expect(all.map((strategy) => [strategy.id, strategy.defaultInterval])).toEqual([
      ['conservative', '4h'],
      ['balanced', '1h'],
      ['aggressive', '15m'],
      ['momentum', '5m'],
    ]);
    for (const [id, strategy] of strategies) expect(strategy.id).toBe(id);
  });

  it('[STRAT-4] are pure: the same input gives the same output, in any order, and nothing is changed', () => {
    for (const strategy of all) {
      const first = decisions(strategy);
      decisions(strategy, strategy.presets.find((preset) => preset.id === 'demo')?.params ?? {});
      expect(decisions(strategy)).toBe(first);
      const params = strategy.paramsSchema.parse({});
      const bars = windowOf(market, 1_399, strategy.warmupBars(params));
      const frozen = freeze({ params, bars, position: held('long', 1000) });
      expect(strategy.evaluate(frozen)).toEqual(
        evaluateAt(strategy, {}, market, { position: held('long', 1000) }),
      );
    }
  });

  it('[STRAT-5] always say why, with figures, and never want more than there is', () => {
    for (const strategy of all) {
      for (const preset of strategy.presets) {
        for (let last = 1_200; last < 1_400; last += 4) {
          for (const position of [null, held('long', 1000), held('short', 1000)]) {
            const decision = evaluateAt(
              strategy,
              preset.params,
              market,
              position === null ? { last } : { last, position },
            );
            expect(botNoteSchema.parse(decision.note)).toEqual(decision.note);
            expect(say(inEnglish, 'note', decision.note).length).toBeLessThan(200);
            expect(decision.desired.length).toBeLessThanOrEqual(1);
            expect(sum(decision.protection.takeProfits.map((step) => step.share))).toBe('1');
            for (const order of decision.desired) {
              expect(order.intent).toBe(position === null ? 'enter' : 'exit');
              if (position !== null) expect(order.direction).toBe(position.direction);
            }
          }
        }
      }
    }
  });

  it('[STRAT-6] refuse parameters that are unknown, of a wrong type, out of bounds or at odds with each other', () => {
    const refused = (id: string, raw: Record<string, number | string | boolean>): string => {
      const result = strategies.get(id)?.paramsSchema.safeParse(raw);
      return result?.success === false
        ? result.error.issues.map((issue) => issue.message).join('; ')
        : 'accepted';
    };
    for (const { id } of all) {
      expect(refused(id, {})).toBe('accepted');
      expect(refused(id, { nonsense: 1 })).toContain('nonsense');
      expect(refused(id, { stopLossPct: 0 })).toContain('0.1');
      expect(refused(id, { stopLossPct: 1_000 })).toContain('20');
      expect(refused(id, { stopLossPct: '2' })).toContain('number');
      expect(refused(id, { stopLossPct: Number.NaN })).not.toBe('accepted');
      expect(refused(id, { sides: 'up' })).toContain('both');
    }
    expect(refused('conservative', { fastPeriod: 60 })).toBe('fastPeriod (60) must be below slowPeriod (50)');
    expect(refused('conservative', { partialAtPct: 9 })).toBe(
      'partialAtPct (9) must be below takeProfitPct (8)',
    );
    expect(refused('conservative', { partialAtPct: 9, partialSharePct: 0 })).toBe('accepted');
    expect(refused('balanced', { oversold: 46 })).toBe('oversold (46) must be below neutralLow (45)');
    expect(refused('balanced', { trendPeriod: 1 })).toContain('0 or at least 2');
    expect(refused('aggressive', { firstAtPct: 7 })).toBe('firstAtPct (7) must be below secondAtPct (6)');
    expect(refused('aggressive', { firstSharePct: 75 })).toContain('below 100');
    expect(refused('momentum', { longRsiMin: 50 })).toBe('longRsiMin (50) must be below longRsiMax (50)');
    expect(refused('momentum', { fastPeriod: 2.5 })).toContain('int');
  });

  it('[STRAT-7] have presets that are valid: default, 1m, 5m, 15m and the 1m demo', () => {
    for (const strategy of all) {
      expect(strategy.presets.map((preset) => preset.id)).toEqual(['default', '1m', '5m', '15m', 'demo']);
      for (const preset of strategy.presets) {
        expect(strategy.paramsSchema.safeParse(preset.params).success).toBe(true);
      }
      expect(strategy.presets[0]).toMatchObject({ interval: strategy.defaultInterval, params: {} });
    }
  });

  it('[STRAT-7] the demo preset enters within 30 bars, wherever it starts', () => {
    for (const strategy of all) {
      const demo = strategy.presets.find((preset) => preset.id === 'demo')?.params ?? {};
      for (let start = 200; start < 1_360; start += 37) {
        const bars = Array.from({ length: 30 }, (_, n) =>
          evaluateAt(strategy, demo, market, { last: start + n }),
        );
        expect(bars.some((decision) => decision.desired.length === 1)).toBe(true);
      }
    }
  });

  it('[STRAT-8] need at most 1,000 bars, whatever the parameters', () => {
    const longest: Record<string, Record<string, number>> = {
      conservative: {
        fastPeriod: 100,
        slowPeriod: 200,
        rsiPeriod: 30,
        volumePeriod: 200,
        crossWithinBars: 60,
      },
      balanced: {
        rsiPeriod: 30,
        divergenceBars: 60,
        setupBars: 60,
        macdFast: 50,
        macdSlow: 60,
        macdSignal: 30,
        macdCrossWithinBars: 30,
        trendPeriod: 250,
      },
      aggressive: { bandPeriod: 100, adxPeriod: 30, volumePeriod: 200 },
      momentum: { fastPeriod: 100, slowPeriod: 200, rsiPeriod: 30 },
    };
    const shortest: Record<string, Record<string, number>> = {
      conservative: { fastPeriod: 2, slowPeriod: 3, rsiPeriod: 2, volumePeriod: 2 },
      balanced: {
        rsiPeriod: 2,
        divergenceBars: 0,
        setupBars: 1,
        macdFast: 2,
        macdSlow: 3,
        macdSignal: 2,
        macdCrossWithinBars: 0,
        trendPeriod: 0,
      },
      aggressive: { bandPeriod: 5, adxPeriod: 2, volumePeriod: 2 },
      momentum: { fastPeriod: 2, slowPeriod: 3, rsiPeriod: 2 },
    };
    for (const strategy of all) {
      for (const raw of [longest[strategy.id] ?? {}, shortest[strategy.id] ?? {}]) {
        expect(strategy.warmupBars(strategy.paramsSchema.parse(raw))).toBeLessThanOrEqual(1_000);
        expect(botNoteSchema.parse(evaluateAt(strategy, raw, market).note)).toBeDefined();
      }
    }
  });

  it('[STRAT-9] are described for clients: every parameter with description, default and bounds', () => {
    const described = ops['strategies.list'].result.parse({ strategies: describeStrategies() }).strategies;
    expect(described).toHaveLength(4);
    for (const strategy of described) {
      const properties = strategy.paramsSchema.properties as Record<string, Record<string, unknown>>;
      expect(strategy.paramsSchema.additionalProperties).toBe(false);
      expect(strategy.paramsSchema.required).toBeUndefined();
      expect(Object.keys(properties).sort()).toEqual(Object.keys(strategy.defaults).sort());
      for (const [name, property] of Object.entries(properties)) {
        expect(property.description).toEqual(expect.any(String));
        expect(property.default).toBe(strategy.defaults[name]);
        if (typeof property.default === 'number') {
          expect(property).toMatchObject({ minimum: expect.any(Number), maximum: expect.any(Number) });
        }
      }
    }
  });
});
