import { gt, isZero } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { hasPassed } from '../age.ts';
import type { Desk } from '../desk.ts';
import { symbolKey } from '../desk.ts';
import type { Turn } from '../turn.ts';
import { PERSISTENT_RETRY_MS } from './cancelRefused.ts';
import { codeOf, refusalKind } from './refusalKind.ts';

/** Orders in a row by which nothing of what is to be reduced was: refused, or taken and given up with nothing filled. */
export interface ExitFailures {
  /** All of them. */
  tries: number;
  /** Those that say something of the order: not "not now", nor of a target that its price or its market is not there yet. */
  count: number;
  reason: string;
  /** Wall time of the last one. */
  lastAt: number;
}

type Reducing = Pick<Order, 'accountId' | 'symbol' | 'purpose' | 'slot'>;

/** Closes of a symbol are counted together, other exits by their slot; undefined: not counted. */
function keyOf({ accountId, symbol, purpose, slot }: Reducing): string | undefined {
  const key = symbolKey(accountId, symbol);
  if (purpose === 'close') return key;
  return purpose === 'exit' || purpose === 'take_profit' ? `${key}:${slot}` : undefined;
}

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

/** Another position, or none: what was refused of the former one says nothing any more. */
export function forgetExitFailures(desk: Desk, accountId: string, symbol: string): void {
  const key = symbolKey(accountId, symbol);
  for (const known of desk.exitFailures.keys())
    if (known === key || known.startsWith(`${key}:`)) desk.exitFailures.delete(known);
}

/** Slot of the take-profit of a position by hand. */
export const HAND_SLOT = 'take_profit';

/** Its owner moved the target: what was refused of the former one says nothing of it. */
export function forgetHandFailures(desk: Desk, accountId: string, symbol: string): void {
  desk.exitFailures.delete(`${symbolKey(accountId, symbol)}:${HAND_SLOT}`);
}

/** Folds a change of an order into the count. Any fill is progress and ends the row. */
export function countExitFailure(desk: Desk, before: Order | undefined, order: Order): void {
  const key = keyOf(order);
  // What is refused to a position that has ended says nothing of the next one.
  if (key === undefined || before === undefined || desk.outlived.has(order.orderId)) return;
  if (gt(order.filledSize, before.filledSize)) {
    desk.exitFailures.delete(key);
    return;
  }
  const reason = isOpen(before) ? failureOf(before, order) : undefined;
  if (reason === undefined) return;
  const known = desk.exitFailures.get(key);
  desk.exitFailures.set(key, {
    tries: (known?.tries ?? 0) + 1,
    count: (known?.count ?? 0) + (isOfTheOrder(order, reason) ? 1 : 0),
    reason,
    lastAt: order.updatedAt,
  });
}

/** Why a market order is taken back that the venue goes on showing as working. */
export const HANGS = 'the venue took it and neither fills it nor gives it up';

/** One that never arrived was not refused; one that was taken back here did not fail, unless because it hung. */
function failureOf(before: Order, { status, filledSize, reason, venueOrderId }: Order): string | undefined {
  if (status === 'rejected') return reason ?? 'rejected';
  const isTakenBack = (before.cancelRequested && before.reason !== HANGS) || venueOrderId === null;
  if (status !== 'cancelled' || isTakenBack || !isZero(filledSize)) return undefined;
  return `the venue took it and gave it up with nothing filled${reason === null ? '' : `: ${reason}`}`;
}

/** A target waits for its price, and for the symbol to trade; what is to go at once, and may not, is news for its owner. */
function isOfTheOrder({ purpose }: Order, reason: string): boolean {
  const kind = refusalKind(codeOf(reason));
  if (kind === 'passing') return false;
  return purpose !== 'take_profit' || (kind !== 'price' && kind !== 'halted');
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
