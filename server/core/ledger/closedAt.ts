import type { Position } from '../../../shared/domain/position.ts';
import type { AccountState } from '../desk.ts';
import { accountTime } from '../risk/dayTime.ts';
import type { Turn } from '../turn/turn.ts';

/** Readings after which a fill of an account that is in step with its venue would have been told long ago. */
const READINGS = 2;

/**
 * The market time at which a position ended whose last fill the venue dates at `told`: what follows from it (cooldowns, the
 * count of stop-outs) is neither put off nor let off by a single date. No further ahead than days are told by, not before
 * the position was opened, and, while the account is in step, not before it was read last.
 */
export function closedAt(turn: Turn, state: AccountState, held: Position, told: number): number {
  const { account } = state;
  const now = accountTime(state, turn.context);
  const latest = accountTime(state, turn.context, told);
  const speed = turn.context.venue(account.venue)?.speed ?? 1;
  const readMs = READINGS * turn.context.settings.reconcileEveryMs * speed;
  const earliest = account.status === 'ready' ? Math.max(held.openedAt, now - readMs) : held.openedAt;
  return Math.max(latest, Math.floor(earliest));
}
