import type { VenueFill } from '../../ports/venue.ts';
import { FORGET_AFTER_MS, lookUp } from '../ask/lookUp.ts';
import { readAccount } from '../ask/readAccount.ts';
import { lagOf } from '../ask/shownAgain.ts';
import { type AccountState, heldSymbols } from '../desk.ts';
import { adoptPanicFill } from '../panic/panic.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { type Listed, mayBeStop, mayBeUnanswered, orderOfFill, possibleStops } from './orderOfFill.ts';
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
  const { fillId, clientOrderId, symbol, cursor } = seen;
  const held = state.held.get(fillId);
  if (held === undefined && (cursor <= state.cursors.fills || state.seenFills.has(fillId))) return false;
  if (held !== undefined && held.fill.clientOrderId === clientOrderId) return false;
  adoptPanicFill(turn, state, seen);
  // Behind one that waits, so that they are booked in their order.
  const isBehind = heldSymbols(state).has(symbol);
  const waits = mayBeUnanswered(turn.desk, accountId, seen) || mayHaveFired(turn, state, seen, listed);
  if (held === undefined && !isBehind && !waits) {
    recordFill(turn, state, seen, ingestedAt, listed);
    return true;
  }
  turn.emit('FillHeld', { accountId, fill: seen, ingestedAt, heldAt: held?.heldAt ?? turn.wallTime });
  bookHeld(turn, state, symbol, listed);
  return !state.held.has(fillId);
}

/**
 * Whether a stop of ours may have made it that the reading still shows: it lags, and what the stop became is not told yet.
 * Those that may have are asked for.
 */
function mayHaveFired(turn: Turn, state: AccountState, seen: VenueFill, listed: Listed): boolean {
  const { accountId, venue } = state.account;
  if (listed === undefined || lagOf(turn, state) === 0 || !mayBeStop(turn.desk, accountId, seen))
    return false;
  if (orderOfFill(turn.desk, accountId, seen, listed) !== undefined) return false;
  for (const stop of possibleStops(turn.desk, accountId, seen)) lookUp(turn, venue, stop);
  return true;
}

/** Books what was held, in its order, as far as nothing it may be the work of waits for its answer any more. */
export function bookHeld(turn: Turn, state: AccountState, symbol: string, listed?: Listed): void {
  const { accountId } = state.account;
  const inOrder = [...state.held.values()].sort(
    ({ fill: one }, { fill: other }) => one.ts - other.ts || one.cursor - other.cursor,
  );
  for (const { fill, ingestedAt, heldAt } of inOrder) {
    if (fill.symbol !== symbol) continue;
    // While nobody served, nobody was asked.
    if (!hasPassed(turn, Math.max(heldAt, turn.desk.recoveredAt), HOLD_MS)) {
      if (mayBeUnanswered(turn.desk, accountId, fill)) return;
      if (mayHaveFired(turn, state, fill, listed) && !hasPassed(turn, heldAt, FORGET_AFTER_MS)) return;
      if (listed === undefined && mayBeStop(turn.desk, accountId, fill)) {
        readAccount(turn, state);
        return;
      }
    }
    // Another part of the same order may have said whose it is.
    const told = inOrder.find(({ fill: part }) => part.venueOrderId === fill.venueOrderId && isNamed(part));
    const clientOrderId = fill.clientOrderId ?? told?.fill.clientOrderId ?? null;
    recordFill(turn, state, { ...fill, clientOrderId }, ingestedAt, listed);
  }
}

const isNamed = ({ clientOrderId }: VenueFill): boolean => clientOrderId !== null;
