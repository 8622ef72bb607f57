import type { AccountPush } from '../account/state.ts';
import type { VenueAccount } from '../account/venueAccount.ts';
import type { VenueBatch } from '../store/venueStore.ts';

/** A change that waits for its commit. */
export interface Staged {
  /** Undefined: whoever only waits until what was before is stored. */
  account: VenueAccount | undefined;
  pushes: AccountPush[];
  release: () => void;
  abandon: (error: Error) => void;
}

/** What is committed at once, and who waits for it. */
export interface Part {
  staged: Staged[];
  batch: VenueBatch;
}

/**
 * A part in two, each with whole accounts as they were when the batch was made. Who waits for no account of its own
 * waits with the second, which then may have no accounts.
 */
export function halvesOf({ staged, batch }: Part): [Part, Part] {
  const ids = batch.accounts.map(({ accountId }) => accountId);
  const first = new Set(ids.slice(0, Math.ceil(ids.length / 2)));
  const isFirst = ({ accountId }: { accountId: string }): boolean => first.has(accountId);
  const half = (isMine: (row: { accountId: string }) => boolean, takesWaiting: boolean): Part => ({
    staged: staged.filter(({ account }) => (account === undefined ? takesWaiting : isMine(account.state))),
    batch: {
      venue: batch.venue,
      accounts: batch.accounts.filter(isMine),
      fills: batch.fills.filter(isMine),
      bills: batch.bills.filter(isMine),
      orders: batch.orders.filter(isMine),
    },
  });
  return [half(isFirst, false), half((row) => !isFirst(row), true)];
}
