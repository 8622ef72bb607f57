import { describe, expect, test } from 'vitest';
import { checkRowSchema } from '../domain/accountCheck.ts';
import { alertSchema } from '../domain/alert.ts';
import { botNoteSchema } from '../domain/botNote.ts';
import { botReasonSchema } from '../domain/botReason.ts';
import { toldBreachSchema } from '../domain/breach.ts';
import { causeSchema } from '../domain/cause.ts';
import { dec } from '../domain/decimal.ts';
import { denialSchema } from '../domain/denial.ts';
import { foreignFoundSchema } from '../domain/foreignFound.ts';
import { en } from './en.ts';
import { FAMILIES, type FamilyName } from './families.ts';
import { formatOf } from './format.ts';
import { inEnglish } from './inEnglish.ts';
import { ko } from './ko.ts';
import { denialSamples, samplesOf } from './samples.ts';
import { say, sayDenial, type Tongue } from './say.ts';

const inKorean: Tongue = { words: ko, format: formatOf('ko') };
const families = Object.keys(FAMILIES) as FamilyName[];
/** Latin in Korean too: symbols and coins, and the names of indicators. */
const NAMES = /BTCUSDT|USDT|RSI|EMA|MACD|ADX/g;

const placesOf = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

describe.each([
  ['English', en],
  ['Korean', ko],
])('what the server tells, in %s', (_language, words) => {
  test.each(families)('[MET-34] every %s is said with all of its figures, and no other', (family) => {
    const kinds: Record<string, object> = FAMILIES[family];
    for (const [code, sentence] of Object.entries<string>(words[family])) {
      expect(sentence.trim(), code).not.toBe('');
      expect([...new Set(placesOf(sentence))], code).toEqual(Object.keys(kinds[code] ?? {}).sort());
    }
  });
});

test.each(families)('[MET-34] a %s in Korean has no Latin word but names, and no hole', (family) => {
  const odd = samplesOf(family)
    .map((told) => say(inKorean, family, told))
    .filter((text) => /[A-Za-z]{2,}|[{}]|undefined/.test(text.replace(NAMES, '')));
  expect(odd).toEqual([]);
});

test('[MET-34] nor has any choice', () => {
  const odd = Object.values(ko.choice).flatMap((words) =>
    Object.values<string>(words).filter((text) => /[A-Za-z]/.test(text)),
  );
  expect(odd).toEqual([]);
});

test('the samples are what the schemas take', () => {
  const alert = { alertId: 'a', severity: 'info', accountId: null, botId: null, dismissible: true };
  for (const told of samplesOf('alert')) alertSchema.parse({ ...alert, ...told, raisedAt: 1 });
  for (const told of samplesOf('note')) botNoteSchema.parse(told);
  for (const told of samplesOf('botReason')) botReasonSchema.parse(told);
  for (const told of samplesOf('cause')) causeSchema.parse(told);
  for (const told of samplesOf('breach')) toldBreachSchema.parse(told);
  for (const told of samplesOf('foreign')) foreignFoundSchema.parse(told);
  for (const told of samplesOf('check')) checkRowSchema.parse({ check: 'reachable', outcome: 'ok', ...told });
  for (const denial of denialSamples()) denialSchema.parse(denial);
});

test('the same is told in each language, with figures as its readers write them', () => {
  const told = { code: 'unprotected', figures: { symbol: 'BTCUSDT', for: 65_000 } } as const;
  expect(say(inEnglish, 'alert', told)).toBe('BTCUSDT has been without a resting stop for 1 min 5 sec.');
  expect(say(inKorean, 'alert', told)).toBe('BTCUSDT 포지션이 1분 5초 동안 스톱 없이 있습니다.');
  const figures = { actual: dec('12345.67890123'), allowed: dec('90'), coin: 'USDT' };
  expect(sayDenial(inEnglish, { limit: 'balance', figures })).toBe(
    'needs 12,345.68 USDT of margin and fee, 90 is available',
  );
});

test('what is told within another is said in it, and a code of a newer server is told as such', () => {
  const cause = { code: 'mark_passed', figures: { mark: dec('99'), price: dec('98') } } as const;
  const alert = { code: 'stop_failed', figures: { symbol: 'BTCUSDT', cause } } as const;
  expect(say(inEnglish, 'alert', alert)).toContain('the mark of 99 has passed 98');
  const left = [{ symbol: 'BTCUSDT', size: dec('2'), cause }];
  expect(say(inEnglish, 'alert', { code: 'emergency_residual', figures: { left } })).toContain(
    '2 BTCUSDT (the mark of 99',
  );
  expect(say(inEnglish, 'alert', { code: 'gone_with_the_wind', figures: {} } as never)).toBe(
    'told by a newer version: “gone_with_the_wind”',
  );
  expect(say(inEnglish, 'alert', { code: 'emergency_residual' } as never)).toContain('had to leave –.');
});
