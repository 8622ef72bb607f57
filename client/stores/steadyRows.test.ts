import { expect, test } from 'vitest';
import { SteadyRows } from './steadyRows.ts';

const rowsOf = () =>
  new SteadyRows<{ id: string; kind: string }>(
    ({ id }) => id,
    ({ kind }) => kind,
  );
const row = (id: string, kind = id) => ({ id, kind });

test('[MET-27] rows keep their places while others come and go; a successor takes the place of what it replaces', () => {
  const steady = rowsOf();
  const shown = (...rows: { id: string; kind: string }[]) =>
    steady.take(rows).map(({ row: { id }, gone }) => (gone ? `(${id})` : id));
  expect(shown(row('a'), row('stop1', 'stop'), row('c'))).toEqual(['a', 'stop1', 'c']);
  expect(shown(row('new'), row('a'), row('c'))).toEqual(['a', '(stop1)', 'c', 'new']);
  expect(shown(row('stop2', 'stop'), row('c'), row('new'))).toEqual(['(a)', 'stop2', 'c', 'new']);
  const places = steady.take([row('stop3', 'stop')]).map(({ place }) => place);
  expect(steady.take([row('stop3', 'stop'), row('a2', 'a')]).map(({ place }) => place)).toEqual(places);
});

test('[MET-27] places of what is gone are bounded', () => {
  const steady = rowsOf();
  for (let n = 0; n < 200; n += 1) steady.take([row(`order${n}`)]);
  expect(steady.take([]).length).toBeLessThanOrEqual(21);
});

test('[MET-27] where nothing follows, the last rows leave as soon as they are gone', () => {
  const steady = new SteadyRows<{ id: string }>(
    ({ id }) => id,
    ({ id }) => id,
    true,
  );
  const shown = (...ids: string[]) =>
    steady.take(ids.map((id) => ({ id }))).map(({ row: { id }, gone }) => (gone ? `(${id})` : id));
  expect(shown('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  expect(shown('a', 'c')).toEqual(['a', '(b)', 'c']);
  expect(shown('a')).toEqual(['a']);
});

test('[MET-27] what has been gone for long leaves', () => {
  const steady = rowsOf();
  const shown = (rows: { id: string; kind: string }[], now: number, leaveBefore: number) =>
    steady.take(rows, now, leaveBefore).map(({ row: { id }, gone }) => (gone ? `(${id})` : id));
  expect(shown([row('a'), row('b'), row('c')], 0, -8)).toEqual(['a', 'b', 'c']);
  expect(shown([row('b'), row('c')], 5, -3)).toEqual(['(a)', 'b', 'c']);
  expect(shown([row('c')], 9, 1)).toEqual(['(a)', '(b)', 'c']);
  expect(shown([row('c')], 14, 6)).toEqual(['(b)', 'c']);
  // Back again before it left.
  expect(shown([row('c'), row('b')], 16, 8)).toEqual(['b', 'c']);
  expect(shown([row('c')], 20, 12)).toEqual(['(b)', 'c']);
});
