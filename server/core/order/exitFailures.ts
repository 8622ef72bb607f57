import type { Position } from '../../../shared/domain/position.ts';
import { type Desk, type ExitFailures, symbolKey } from '../desk.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { PERSISTENT_RETRY_MS } from './cancelRefused.ts';

export function closeFailures(desk: Desk, accountId: string, symbol: string): ExitFailures | undefined {
  return desk.exitFailures.get(symbolKey(accountId, symbol));
}

/** Of an exit or take-profit of this slot. */
export function slotFailures(
  desk: Desk,
  { accountId, symbol }: Position,
  slot: string,
): ExitFailures | undefined {
  return desk.exitFailures.get(`${symbolKey(accountId, symbol)}:${slot}`);
}

/** Wall ms: the longest pause before a target is tried again, and of one that the price has reached. */
const LONGEST_BACK_OFF_MS = 60_000;
const REACHED_BACK_OFF_MS = 8_000;

/** The same of a target, which rests for long and need not be there at once: a pause that doubles. */
export function isBackingOff(turn: Turn, failures: ExitFailures | undefined, isReached: boolean): boolean {
  if (failures === undefined) return false;
  const doubled = turn.context.settings.closeRetryMs * 2 ** Math.min(failures.tries - 1, 10);
  const pauseMs = Math.min(doubled, isReached ? REACHED_BACK_OFF_MS : LONGEST_BACK_OFF_MS);
  return Math.abs(turn.wallTime - failures.lastAt) < pauseMs;
}

/** Whether the last failure is too fresh for another try: a pause after each, a longer one once they persist. */
export function isPausing(turn: Turn, failures: ExitFailures | undefined): boolean {
  if (failures === undefined) return false;
  const { closeAttempts, closeRetryMs } = turn.context.settings;
  const pauseMs = failures.count > closeAttempts ? PERSISTENT_RETRY_MS : closeRetryMs;
  return !hasPassed(turn, failures.lastAt, pauseMs);
}
