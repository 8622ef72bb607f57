import { expect, it } from 'vitest';
import type { DirectoryEntry } from '../../ports/accountDirectory.ts';
import { chooseAccount } from './panicArguments.ts';

const entry = (accountId: string, name: string): DirectoryEntry => ({
  accountId,
  name,
  venue: 'sim',
  book: 'simulated',
  deskId: 'user-1',
});

it('[MET-7] a name that a user made up neither moves the operator’s cursor nor makes a row of its own in the list of accounts', () => {
  const entries = [entry('a1', 'x\u001b[2J\n  a2  me\u202e\u2028\ud800'), entry('a2', '본계정 🏦')];
  let told = '';
  try {
    chooseAccount(entries, { account: null, venueAccount: null });
  } catch (error) {
    told = String(error);
  }
  expect(told.split('\n').slice(2)).toEqual([
    '  a1  x\\u{1b}[2J\\u{a}  a2  me\\u{202e}\\u{2028}\\u{d800}  (sim, simulated, of user user-1)',
    '  a2  본계정 🏦  (sim, simulated, of user user-1)',
  ]);
});
