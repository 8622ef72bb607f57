import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bot } from '../../server/testing/sdk/frameSamples.ts';
import { VIEW_VERSION } from '../protocol/version.ts';
import { canonicalJson, hashView } from './hashView.ts';
import { emptyView } from './view.ts';

/** The same value, its keys put in in another order, at every depth. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value).toReversed()) {
    Object.defineProperty(copy, key, {
      value: shuffled(member),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

test('[VIEW-5] the order of keys is irrelevant', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
    }),
    { numRuns: 500 },
  );
});

test('[VIEW-5] says what JSON says', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.stringify(JSON.parse(text))).toBe(
        JSON.stringify(JSON.parse(canonicalJson(JSON.parse(text)))),
      );
      // Through JSON once, because -0 becomes 0 there.
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
});

test('[VIEW-5] a member that is undefined is no member, as on the wire', () => {
  expect(canonicalJson({ b: 1, a: undefined, c: [undefined] })).toBe('{"b":1,"c":[null]}');
});

test('[VIEW-5] keys are ordered by code unit, whatever the language', () => {
  expect(canonicalJson({ ä: 1, b: 2, a: 3, B: 4, '10': 5, '9': 6 })).toBe(
    '{"10":5,"9":6,"B":4,"a":3,"b":2,"ä":1}',
  );
});

test('[VIEW-6] is SHA-256 of the canonical text', () => {
  const view = { ...emptyView(), bots: { bot1: bot(1) } };
  const text = canonicalJson({ epoch: 'e', seq: 7, viewVersion: VIEW_VERSION, view });
  expect(hashView('e', 7, view)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
});

test('[VIEW-6] covers epoch, seq and every value', () => {
  const view = { ...emptyView(), bots: { bot1: bot(1) } };
  const other = { ...emptyView(), bots: { bot1: { ...bot(1), name: 'Bot 1 – ünïcödé' } } };
  const hashes = [
    hashView('e', 7, view),
    hashView('f', 7, view),
    hashView('e', 8, view),
    hashView('e', 7, other),
  ];
  expect(new Set(hashes).size).toBe(4);
});
