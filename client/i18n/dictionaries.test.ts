import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeStrategies } from '../../server/core/strategy/registry.ts';
import { botStateSchema } from '../../shared/domain/botState.ts';
import { fillSchema, tradeSchema } from '../../shared/domain/fill.ts';
import { orderSchema } from '../../shared/domain/order.ts';
import { paramFields } from '../format/params.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
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

test('[UI-9] every parameter of a strategy, with its help, and all that is said of it have their words', () => {
  const wanted = describeStrategies().flatMap(({ id, presets, paramsSchema, defaults }) => [
    [`summary.${id}`],
    ...presets.map((preset) => [`preset.${preset.id}`, `preset.${id}.${preset.id}`]),
    ...paramFields(paramsSchema, defaults).flatMap(({ name, description }) => [
      [`param.${name}`],
      ...(description === '' ? [] : [[`help.${name}`, `help.${id}.${name}`]]),
    ]),
  ]);
  expect(wanted.filter((keys) => !keys.some((key) => Object.hasOwn(en, key)))).toEqual([]);
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
