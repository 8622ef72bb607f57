import { expect, test } from 'vitest';
import { emptyAccount } from '../account/state.ts';
import { storedAccount, storedFill, storedOrder } from './storedAccount.ts';

test('[SIM-45] an account that was stored with one count for fills and bills goes on beyond it with both', () => {
  const account = { ...emptyAccount('a', 3), cursors: { fills: 4, bills: 2 } };
  expect(storedAccount(JSON.stringify(account))).toEqual(account);
  const { cursors: _, ...former } = account;
  expect(storedAccount(JSON.stringify({ ...former, cursor: 6 }))).toEqual({
    ...account,
    cursors: { fills: 6, bills: 6 },
  });
});

test('[SIM-45] what was stored before orders had other ids, and fees other coins, says that they had none', () => {
  expect(storedOrder('{"venueOrderId":"s1o1"}')).toEqual({
    venueOrderId: 's1o1',
    replacesOrderId: null,
    becameOrderId: null,
  });
  expect(storedOrder('{"replacesOrderId":"s1o1","becameOrderId":"s1o2"}')).toMatchObject({
    replacesOrderId: 's1o1',
    becameOrderId: 's1o2',
  });
  expect(storedFill('{"fee":"1"}')).toEqual({ fee: '1', feeCoin: 'USDT' });
  expect(storedFill('{"fee":"1","feeCoin":"BGB"}')).toEqual({ fee: '1', feeCoin: 'BGB' });
});
