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
