import { because } from '../../../shared/domain/cause.ts';
import { ZERO } from '../../../shared/domain/decimal.ts';
import { loseAccount } from '../ask/connectAccount.ts';
import type { Command } from '../commands.ts';
import { badRequest } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { busyReason, noSuchAccount } from './accounts.ts';
import { type CommandOutcome, done, refused } from './reply.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** Keys were stored for the account: nobody here sees more of them than their tail. They are tried before anything is entered. */
export function setKeys(turn: Turn, { accountId, tail, setAt }: Of<'SetKeys'>): CommandOutcome {
  const state = turn.desk.accounts.get(accountId);
  if (state === undefined) return noSuchAccount(accountId);
  const { account } = state;
  if (account.book === 'simulated')
    return refused(badRequest('args.accountId', 'a simulated account needs no keys and takes none'));
  turn.emit('AccountChanged', {
    account: {
      ...account,
      keys: { tail, setAt },
      status: 'connecting',
      statusReason: because('keys_set', {}),
      version: account.version + 1,
    },
  });
  // Anew also where the venue knows the account: by what was opened before the former keys would go on being used.
  const { venue, deposit } = account;
  turn.effect({ type: 'OpenAccount', accountId, venue, deposit: deposit ?? ZERO, reset: false });
  return done();
}

export function removeKeys(turn: Turn, { accountId }: Of<'RemoveKeys'>): CommandOutcome {
  const state = turn.desk.accounts.get(accountId);
  if (state === undefined) return noSuchAccount(accountId);
  const { keys, ...account } = state.account;
  if (keys === undefined) return done();
  const busy = busyReason(turn, state);
  if (busy !== undefined)
    return refused(badRequest('args.accountId', `keys of an account in use are not removed: ${busy}`));
  turn.emit('AccountChanged', { account: { ...account, version: account.version + 1 } });
  const without = turn.desk.accounts.get(accountId);
  if (without !== undefined) loseAccount(turn, without, because('keys_removed', {}));
  return done();
}
