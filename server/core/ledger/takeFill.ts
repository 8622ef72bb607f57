import type { VenueFill } from '../../ports/venue.ts';
import { readAccount } from '../ask/readAccount.ts';
import type { AccountState } from '../desk.ts';
import { adoptPanicFill } from '../panic/panic.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { type Listed, mayBeStop, mayBeUnanswered } from './orderOfFill.ts';
import { recordFill } from './recordFill.ts';

/** Longest that a fill waits for the answer of the order that it may be the work of, wall ms: then it is booked as it is. */
const HOLD_MS = 120_000;

/**
 * Takes what a venue tells of an execution, once, by its id: into the books, or aside while an order of ours that it may be
 * the work of has no answer yet. Returns whether it is in the books now, and was not before.
 */
export function takeFill(
  turn: Turn,
  state: AccountState,
  seen: VenueFill,
  ingestedAt: number,
  listed?: Listed,
): boolean {
  const { accountId } = state.account;
  const isHeld = state.held.has(seen.fillId);
  if (seen.cursor <= state.cursors.fills || (!isHeld && state.seenFills.has(seen.fillId))) return false;
  adoptPanicFill(turn, state, seen);
  if (mayBeUnanswered(turn.desk, accountId, seen)) {
    if (!isHeld) turn.emit('FillHeld', { accountId, fill: seen, ingestedAt, heldAt: turn.wallTime });
    return false;
  }
  recordFill(turn, state, seen, ingestedAt, listed);
  return true;
}

/** Books what was held, as far as nothing it may be the work of waits for its answer any more. */
export function bookHeld(turn: Turn, state: AccountState, symbol: string, listed?: Listed): void {
  const { accountId } = state.account;
  for (const { fill, ingestedAt, heldAt } of [...state.held.values()]) {
    if (fill.symbol !== symbol) continue;
    if (!hasPassed(turn, heldAt, HOLD_MS)) {
      if (mayBeUnanswered(turn.desk, accountId, fill)) continue;
      if (listed === undefined && mayBeStop(turn.desk, accountId, fill)) {
        readAccount(turn, state);
        continue;
      }
    }
    recordFill(turn, state, fill, ingestedAt, listed);
  }
}
