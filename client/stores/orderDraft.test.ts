import { expect, test } from 'vitest';
import { isCurrent, type Look, OrderDraft, PREVIEW_MS } from './orderDraft.svelte.ts';

test('[MET-28] figures are current for a while, as long as what they were made from stays', () => {
  const look = { at: 1_000, basis: 'flat' } as Look;
  expect(isCurrent(look, 'flat', 1_000 + PREVIEW_MS - 1)).toBe(true);
  expect(isCurrent(look, 'flat', 1_000 + PREVIEW_MS)).toBe(false);
  expect(isCurrent(look, 'long 0.1', 1_001)).toBe(false);
});

test('[MET-28] the price of a limit order is asked for, that of a market order is not sent', () => {
  const draft = new OrderDraft();
  draft.size = '1';
  draft.price = '5';
  expect(draft.args('a', 'BTCUSDT')).not.toHaveProperty('price');
  draft.type = 'limit';
  expect(draft.args('a', 'BTCUSDT')).toMatchObject({ price: '5', size: '1' });
  draft.price = '';
  draft.asked = true;
  expect(draft.firstProblem).toBe('price');
  expect(draft.args('a', 'BTCUSDT')).toBeUndefined();
});
