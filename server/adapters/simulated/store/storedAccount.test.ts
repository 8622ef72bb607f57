import { expect, test } from 'vitest';
import { emptyAccount } from '../account/state.ts';
import { storedAccount } from './storedAccount.ts';

test('[SIM-45] an account that was stored with one count for fills and bills goes on beyond it with both', () => {
  const account = { ...emptyAccount('a', 3), cursors: { fills: 4, bills: 2 } };
  expect(storedAccount(JSON.stringify(account))).toEqual(account);
  const { cursors: _, ...former } = account;
  expect(storedAccount(JSON.stringify({ ...former, cursor: 6 }))).toEqual({
    ...account,
    cursors: { fills: 6, bills: 6 },
  });
});
