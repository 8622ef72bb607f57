import { type AccountState, type Desk, openOrders } from '../core/desk.ts';

/** An account without positions and orders is compared with its venue only every so many rounds, in its turn. */
const IDLE_ROUNDS = 4;

/** What to compare with its venue in this round of all desks: what is active always, the rest by turns. */
export function accountsToRead(
  desks: Iterable<Desk>,
  round: number,
): { deskId: string; state: AccountState }[] {
  const wanted: { deskId: string; state: AccountState }[] = [];
  let index = 0;
  for (const desk of desks) {
    for (const state of desk.accounts.values()) {
      const isTurn = index++ % IDLE_ROUNDS === round % IDLE_ROUNDS;
      if ((isTurn && state.reconciledAt !== null) || isActive(desk, state.account.accountId))
        wanted.push({ deskId: desk.deskId, state });
    }
  }
  return wanted;
}

function isActive(desk: Desk, accountId: string): boolean {
  if (!openOrders(desk, accountId).next().done) return true;
  for (const position of desk.positions.values()) if (position.accountId === accountId) return true;
  return false;
}
