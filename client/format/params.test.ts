import { describe, expect, test } from 'vitest';
import { describeStrategies } from '../../server/core/strategy/registry.ts';
import {
  checkField,
  type Draft,
  draftOf,
  labelOf,
  type ParamField,
  paramFields,
  paramsOf,
  readDescription,
} from './params.ts';

const schema = {
  type: 'object',
  properties: {
    stopLossPct: {
      type: 'number',
      minimum: 0.1,
      maximum: 20,
      default: 1.5,
      description: 'Stop-loss distance (% of the entry price)',
    },
    rsiPeriod: {
      type: 'integer',
      minimum: 2,
      maximum: 30,
      default: 14,
      description: 'Period of the RSI (bars)',
    },
    factor: { type: 'number', exclusiveMinimum: 0, maximum: 9_007_199_254_740_991, default: 2 },
    sides: { type: 'string', enum: ['both', 'long', 'short'], default: 'both' },
    candleColour: { type: 'boolean', default: true },
  },
};
const fields = paramFields(schema, {});
const field = (name: string): ParamField => {
  const found = fields.find((known) => known.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe('a form from a schema', () => {
  test('[UI-4] has a field per parameter with unit, bounds and default', () => {
    expect(field('stopLossPct')).toMatchObject({
      label: 'Stop loss',
      unit: '%',
      minimum: 0.1,
      maximum: 20,
      initial: 1.5,
    });
    expect(field('rsiPeriod')).toMatchObject({
      label: 'RSI period',
      unit: 'bars',
      kind: 'integer',
      description: 'Period of the RSI',
    });
    expect(field('sides')).toMatchObject({ kind: 'choice', choices: ['both', 'long', 'short'] });
    expect(field('factor').maximum).toBeUndefined();
  });

  test.each([
    ['stopLossPct', '', 'required'],
    ['stopLossPct', 'abc', 'not_a_number'],
    ['stopLossPct', '1e3', 'not_a_number'],
    ['stopLossPct', 'NaN', 'not_a_number'],
    ['stopLossPct', '0.05', 'too_small'],
    ['stopLossPct', '20.1', 'too_large'],
    ['rsiPeriod', '14.5', 'not_whole'],
    ['factor', '0', 'too_small'],
    ['sides', 'up', 'not_a_choice'],
  ])('[UI-4] refuses %s = "%s": %s', (name, value, code) => {
    expect(checkField(field(name), value)?.code).toBe(code);
  });

  test('[UI-4] accepts the bounds themselves, and gives numbers back', () => {
    const draft: Draft = { ...draftOf(fields, { stopLossPct: 20 }), candleColour: false };
    expect(fields.map((known) => checkField(known, draft[known.name] ?? ''))).toEqual(
      fields.map(() => undefined),
    );
    expect(paramsOf(fields, draft)).toEqual({
      stopLossPct: 20,
      rsiPeriod: 14,
      factor: 2,
      sides: 'both',
      candleColour: false,
    });
  });

  test('[UI-4] takes every strategy of the server, its presets included', () => {
    for (const strategy of describeStrategies()) {
      const known = paramFields(strategy.paramsSchema, strategy.defaults);
      expect(Object.keys(strategy.defaults).sort()).toEqual(known.map(({ name }) => name).sort());
      for (const preset of strategy.presets) {
        const draft = draftOf(known, preset.params);
        expect(known.flatMap((one) => checkField(one, draft[one.name] ?? '') ?? [])).toEqual([]);
        expect(paramsOf(known, draft)).toEqual({ ...strategy.defaults, ...preset.params });
      }
    }
  });
});

test('labels and units are read from names and descriptions', () => {
  expect(labelOf('macdFast')).toBe('MACD fast');
  expect(labelOf('maxHoldMinutes')).toBe('Max hold');
  expect(readDescription('Half width (standard deviations)')).toEqual({
    description: 'Half width (standard deviations)',
    unit: '',
  });
  expect(readDescription('Close after (minutes of market time)')).toEqual({
    description: 'Close after',
    unit: 'min',
  });
});
