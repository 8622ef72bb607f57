import type { FlatProof } from '../ask/flatProof.ts';
import type { AccountState } from '../desk.ts';
import type { Listed } from '../ledger/orderOfFill.ts';
import { bookHeld } from '../ledger/takeFill.ts';
import { settleSymbol } from '../settle/settleSymbol.ts';
import type { Turn } from '../turn/turn.ts';

/** After anything was learnt about (account, symbol): fills that waited for it are booked, then follows what follows. */
export function bookAndSettle(
  turn: Turn,
  state: AccountState,
  symbol: string,
  proof: FlatProof | null = null,
  listed?: Listed,
): void {
  if (state.held.size > 0) bookHeld(turn, state, symbol, listed);
  settleSymbol(turn, state, symbol, proof);
}
