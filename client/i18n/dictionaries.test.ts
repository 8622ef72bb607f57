import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeStrategies } from '../../server/core/strategy/registry.ts';
import { botStateSchema } from '../../shared/domain/bot.ts';
import { DENIAL_LIMITS } from '../../shared/domain/denial.ts';
import { fillSchema, tradeSchema } from '../../shared/domain/fill.ts';
import { nameProblem } from '../../shared/domain/name.ts';
import { orderSchema } from '../../shared/domain/order.ts';
import { paramFields } from '../format/params.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { koServer, koServerNaming } from './koServer.ts';
import { fillIn } from './text.ts';

const places = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

test('[UI-9] Korean has exactly the texts of English, with the same places for values', () => {
  expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    const other = ko[key as keyof typeof en];
    expect(other.trim(), key).not.toBe('');
    expect(places(other), key).toEqual(places(text));
  }
});

test('[MET-34] every strategy has its name in each language', () => {
  const ids = describeStrategies().map(({ id }) => id);
  expect(ids.filter((id) => !Object.hasOwn(en, `strategy.${id}`))).toEqual([]);
  expect(ids.filter((id) => /[a-z]/i.test(ko[`strategy.${id}` as keyof typeof ko]))).toEqual([]);
});

test('[UI-9] every parameter of a strategy and every limit of the engine has its words', () => {
  const params = describeStrategies().flatMap(({ defaults }) => Object.keys(defaults));
  expect(params.filter((name) => !Object.hasOwn(en, `param.${name}`))).toEqual([]);
  expect(DENIAL_LIMITS.filter((limit) => !Object.hasOwn(en, `limit.${limit}`))).toEqual([]);
});

test('[UI-9] what the server says of its strategies, and of a stop, has its words in Korean, and no more is kept', () => {
  const said = describeStrategies().flatMap(({ summary, presets, paramsSchema, defaults }) => [
    summary,
    ...presets.map(({ name }) => name),
    ...paramFields(paramsSchema, defaults).map(({ description }) => description),
  ]);
  said.push(nameProblem('\u200d') ?? '');
  const core = (paths: string[]): string =>
    paths
      .map((path) => readFileSync(new URL(`../../server/core/${path}`, import.meta.url), 'utf8'))
      .join('\n');
  const reasons = core(['emergency/emergency.ts', 'bot/advanceBot.ts', 'botState/pauseForClose.ts']);
  const named = core(['bot/leaveDelisted.ts', 'botState/pauseForStop.ts', 'watch/recovery.ts']);
  const naming = [...named.matchAll(/`([^`]*)`/g)].map(([, text]) => text?.replaceAll(/\$\{[^}]*\}/g, '7'));
  naming.push(nameProblem('\u202e'));
  expect(koServerNaming.filter(([pattern]) => !naming.some((text) => pattern.test(text ?? '')))).toEqual([]);
  expect(said.filter((text) => text !== '' && !Object.hasOwn(koServer, text))).toEqual([]);
  expect(
    Object.keys(koServer).filter((text) => !said.includes(text) && !reasons.includes(`'${text}'`)),
  ).toEqual([]);
});

test('[UI-9] whatever the engine says was done to a bot has its words', () => {
  const core = fileURLToPath(new URL('../../server/core', import.meta.url));
  const sources = readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(core, path), 'utf8'))
    .join('\n');
  const told = [
    ...sources.matchAll(/(?:changed|byNow|sayAgain)\(turn, (?:\w+, )?'([^']+)'/g),
    ...sources.matchAll(/deviceId: null,\s+action: '([^']+)'/g),
  ].map((match) => match[1] ?? '');
  expect(told).toEqual(expect.arrayContaining(['create', 'hold', 'halt', 'stop refused']));
  for (const family of ['change', 'did'])
    expect(told.filter((action) => !Object.hasOwn(en, `${family}.${action}`))).toEqual([]);
});

test('[MET-29] whatever ends a trade, makes a fill or is said of an order has its words', () => {
  const families: [string, readonly string[]][] = [
    ['exit', tradeSchema.shape.exit.options],
    ['orderStatus', orderSchema.shape.status.options],
    ['orderType', orderSchema.shape.type.options],
    ['feed.fill', fillSchema.shape.source.options],
    ['state', botStateSchema.options],
  ];
  const wordless = families.flatMap(([family, names]) =>
    names.map((name) => `${family}.${name}`).filter((key) => !Object.hasOwn(en, key)),
  );
  expect(wordless).toEqual([]);
});

test('[UI-9] no text is kept that nothing shows', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(svelte|ts)$/.test(path) && !/i18n\/(en|ko)\.ts$|\.test\.ts$|^e2e\//.test(path))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  /** Families looked up with a value inside the key, such as `state.${state}`. */
  const composed = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1] ?? '');
  const unused = Object.keys(en).filter(
    (key) => !sources.includes(`'${key}'`) && !composed.some((family) => key.startsWith(family)),
  );
  expect(unused).toEqual([]);
});

test('values are put into their places; a place without a value stays visible', () => {
  expect(fillIn('{a} of {b}', { a: 1, b: 'two' })).toBe('1 of two');
  expect(fillIn('{a}', {})).toBe('{a}');
});
