import { expect, it } from 'vitest';
import { sampleError } from './sampleError.ts';
import { WireLaw } from './wireLaw.ts';

const ACCEPTED = { status: 'accepted', seq: 2 };

it.each([
  ['a field that nothing documents', { ...ACCEPTED, why: 'x' }],
  ['a field too few', { status: 'accepted' }],
  ['a field of another type', { ...ACCEPTED, seq: '2' }],
])('[MET-12] a reply with %s is not as agreed', (_what, result) => {
  const law = new WireLaw();
  const say = (said: object) => () => {
    law.sent('{"id":"1","op":"positions.close"}');
    law.received(JSON.stringify({ id: '1', ok: true, result: said }));
  };
  expect(say({ ...ACCEPTED, claimedBy: 'b1' })).not.toThrow();
  expect(say(result)).toThrow('of positions.close');
});

it('[MET-12] refusals and pushes are held to their schemas too', () => {
  const law = new WireLaw();
  const say = (message: object) => () => law.received(JSON.stringify(message));
  const error = sampleError('denied');
  expect(say({ id: '', ok: false, error })).not.toThrow();
  expect(say({ id: '', ok: false, error: { ...error, details: {} } })).toThrow('refusal');
  const head = { ch: 'desk', kind: 'head', epoch: 'e', seq: 1 };
  expect(say(head)).not.toThrow();
  expect(say({ ...head, ts: 1 })).toThrow('more than was agreed');
  expect(say({ ...head, kind: 'tail' })).toThrow('no push');
});
