import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../server/core/rules/limitValues.ts';
import { limitsSchema, limitValuesSchema } from '../../shared/domain/account.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { ops } from '../../shared/protocol/ops.ts';
import { changedLimits, checkLimit, LIMIT_FIELDS, limitDraftOf, unsetBookLimits } from './limits.ts';

const fieldOf = (name: string) => {
  const found = LIMIT_FIELDS.find((field) => field.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
};

describe('the form of limits', () => {
  test('[UI-19] has a field for every limit there is', () => {
    expect(LIMIT_FIELDS.map(({ name }) => name).sort()).toEqual(Object.keys(limitValuesSchema.shape).sort());
  });

  test('[UI-19] an untouched form changes nothing, an emptied field turns its limit off', () => {
    const values = { ...DEFAULT_LIMITS, dailyLoss: dec('500'), cooldownAfterStopMs: 90_000 };
    const draft = limitDraftOf(values);
    expect(draft.cooldownAfterStopMs).toBe('1.5');
    expect(changedLimits(values, draft)).toEqual({});
    expect(changedLimits(values, { ...draft, dailyLoss: ' ' })).toEqual({ dailyLoss: null });
  });

  test('[UI-19] limits over a book that nobody set are all off, and can be set', () => {
    const limits = unsetBookLimits('simulated', 'Asia/Seoul');
    expect(limitsSchema.safeParse(limits).success).toBe(true);
    const draft = limitDraftOf(limits.values);
    expect(changedLimits(limits.values, draft)).toEqual({});
    expect(changedLimits(limits.values, { ...draft, dailyLoss: '90' })).toEqual({ dailyLoss: '90' });
  });

  test('[UI-19] what it sends is what the protocol takes', () => {
    const draft = {
      ...limitDraftOf(DEFAULT_LIMITS),
      dailyLoss: '250.5',
      maxPositions: '3',
      cooldownAfterStopMs: '10',
    };
    const values = changedLimits(DEFAULT_LIMITS, draft);
    expect(values).toEqual({ dailyLoss: '250.5', maxPositions: 3, cooldownAfterStopMs: 600_000 });
    expect(ops['limits.set'].args.safeParse({ accountId: 'a', values }).success).toBe(true);
  });

  test.each([
    ['dailyLoss', 'much', 'not_a_number'],
    ['dailyLoss', '-1', 'too_small'],
    ['maxPositions', '1.5', 'not_whole'],
    ['maxLeverage', '0', 'too_small'],
    ['dailyLoss', '', undefined],
    ['maxPositions', '0', undefined],
  ])('[UI-19] %s = "%s" is told beside the field: %s', (name, text, code) => {
    expect(checkLimit(fieldOf(name), text)?.code).toBe(code);
  });
});
