import type { AccountState } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';
import { readAccount } from './readAccount.ts';

/** What the venue showed, twice and apart, of what somebody waits for to be flat. */
export interface FlatProof {
  accountId: string;
  /** Symbols without a position or an order of a bot; what is by hand or foreign may be there. */
  symbols: ReadonlySet<string>;
  /** Symbols without an order of a bot, whoever holds a position there. */
  withoutOrders: ReadonlySet<string>;
  /** Symbols without any position. */
  withoutPosition: ReadonlySet<string>;
  /** Nothing is open on the whole account. */
  accountFlat: boolean;
  /** Ids of ours that the venue showed to work, just now, and that were not changed since. */
  working: ReadonlySet<string>;
}

/** Asks for what is still to be proven; after a reading that shows too little the next look does, not that one at once. */
export function askForProof(turn: Turn, state: AccountState): void {
  if (!turn.isOfReading) readAccount(turn, state);
}
