import { expect, test } from 'vitest';
import { differences } from './sameShape.ts';

test('[STAND-10] the table of keys tells what is missing, what is not documented, and other kinds of values', () => {
  const documented = { data: { list: [{ orderId: 'xxx', price: '1.5', side: 'buy', ts: '1', fee: null }] } };
  const row = { orderId: '17', price: '20', side: 'sell', ts: '2', fee: '0.1' };
  const found = (one: object): string[] => differences(documented, { data: { list: [row, one] } });
  expect(found(row)).toEqual([]);
  expect(found({ ...row, price: '' })).toEqual([]);
  expect(differences(documented, { data: { list: null } })).toEqual([]);
  expect(found({ ...row, extra: 1 })).toEqual(['.data.list[].extra is not documented']);
  const { side: _side, ...without } = row;
  expect(found(without)).toEqual(['.data.list[].side is missing']);
  expect(found({ ...row, price: 'high' })).toEqual(['.data.list[].price: high is not like 1.5']);
  expect(found({ ...row, ts: 2 })).toEqual(['.data.list[].ts: a number, not a string']);
  expect(differences(documented, { data: [] })).toEqual(['.data: no object']);
});
