import { expect, test } from 'vitest';
import { brokenNow, isNews } from '../../server/core/risk/breach.ts';
import type { Breach, LimitValues } from '../../shared/domain/account.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { limitsOf } from '../e2e/fixtureData.ts';
import { breaksAtOnce } from './limitBreaks.ts';

const base = limitsOf('acc1', 0);
const valuesOf = (changed: Partial<LimitValues>): LimitValues => ({
  ...base.values,
  ...{ dailyLoss: null, drawdownPct: null },
  ...changed,
});
const standing = (policy: Breach['policy']): Breach => ({
  ...{ limit: 'daily_loss', actual: dec('-443'), allowed: dec('-400'), ts: 0, policy },
});

test.each<[string, Partial<LimitValues>, Breach[], string[]]>([
  ['a daily loss below that of today closes', { dailyLoss: dec('250') }, [], ['dailyLoss true']],
  ['exactly that of today breaks nothing', { dailyLoss: dec('443.4') }, [], []],
  [
    'a policy that holds is told apart',
    { dailyLoss: dec('250'), dailyLossPolicy: 'hold' },
    [],
    ['dailyLoss false'],
  ],
  ['a drawdown', { drawdownPct: dec('4.4') }, [], ['drawdownPct true']],
  ['a drawdown that is allowed', { drawdownPct: dec('4.434') }, [], []],
  ['what stands already is no news', { dailyLoss: dec('250') }, [standing('flatten')], []],
  ['unless it becomes harsher', { dailyLoss: dec('250') }, [standing('hold')], ['dailyLoss true']],
])('[MET-25] %s', (_what, changed, breaches, expected) => {
  const equity = dec('9556.6');
  const limits = { ...base, breaches };
  const values = valuesOf(changed);
  const found = breaksAtOnce(limits, values, equity);
  expect(found.map(({ limit, closes }) => `${limit} ${closes}`)).toEqual(expected);
  const value = { equity, held: equity, seen: equity, isKnown: true, ts: 0 };
  const scope = { limits: { ...limits, values }, accounts: [] };
  const engine = brokenNow(scope, value).filter((one) => isNews(one, breaches));
  expect(
    engine.map(({ limit }) => limit),
    'as the engine sees it',
  ).toEqual(found.map(({ limit }) => (limit === 'dailyLoss' ? 'daily_loss' : 'drawdown')));
});
