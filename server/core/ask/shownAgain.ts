import type { AccountState } from '../desk.ts';
import type { Turn } from '../turn/turn.ts';

/** Wall ms that lie at least between two readings that are to prove the same: what one missed, one beside it may miss too. */
const LEAST_APART_MS = 500;

/** How old what the venue of this account shows may be, wall ms. */
export const lagOf = (turn: Turn, { account }: AccountState): number =>
  turn.context.venue(account.venue)?.capabilities.readingLagMs ?? 0;

/** How far apart readings begin that together prove something, wall ms. */
export const apartMs = (turn: Turn, state: AccountState): number =>
  Math.max(LEAST_APART_MS, lagOf(turn, state));

/**
 * A reading is not one instant: what takes protection away, or claims that something is gone, is taken only from two that
 * show the same, so far apart that the second shows a moment after the first began. `at`: wall time at which this one did.
 */
export function isShownAgain(
  turn: Turn,
  state: AccountState,
  subject: string,
  shows: string,
  at: number,
): boolean {
  const before = state.noted.get(subject);
  // One of the future was noted before the clock was set back, long ago.
  if (before?.shows === shows && before.seq > turn.loadedSeq)
    return Math.abs(at - before.at) >= apartMs(turn, state);
  turn.emit('ReadingNoted', { accountId: state.account.accountId, subject, noted: { shows, at } });
  return false;
}

export function forgetNote(turn: Turn, state: AccountState, subject: string): void {
  if (!state.noted.has(subject)) return;
  turn.emit('ReadingNoted', { accountId: state.account.accountId, subject, noted: null });
}

/** Forgets what was noted of a kind of subjects, but for those that still stand. */
export function forgetOthers(
  turn: Turn,
  state: AccountState,
  kind: string,
  standing: ReadonlySet<string>,
): void {
  for (const subject of [...state.noted.keys()])
    if (subject.startsWith(kind) && !standing.has(subject)) forgetNote(turn, state, subject);
}

/** Kinds of subjects. */
export const OF_POSITION = 'position:';
export const OF_STRANGE_ORDER = 'strange:';
export const OF_FLAT = 'flat:';

/** Whether one reading showed positions or orders that are not in the books: another has to tell. */
export function isInDoubt({ noted }: AccountState): boolean {
  for (const subject of noted.keys())
    if (subject.startsWith(OF_POSITION) || subject.startsWith(OF_STRANGE_ORDER)) return true;
  return false;
}

/** Whether one reading showed the position of a symbol otherwise than the books. */
export const isPositionInDoubt = ({ noted }: AccountState, symbol: string): boolean =>
  noted.has(`${OF_POSITION}${symbol}`);
