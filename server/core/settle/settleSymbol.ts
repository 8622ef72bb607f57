import type { Bot } from '../../../shared/domain/bot.ts';
import { lt } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { FlatProof } from '../ask/flatProof.ts';
import { isPositionInDoubt } from '../ask/shownAgain.ts';
import { advanceBot } from '../bot/advanceBot.ts';
import { moveBot } from '../botState/botState.ts';
import { isClosedByHand } from '../botState/pauseForClose.ts';
import { type AccountState, hasWorkingEntry, openOrders, positionOf } from '../desk.ts';
import { advanceEmergencies } from '../emergency/emergency.ts';
import { closeFailures } from '../order/exitFailures.ts';
import { endsAtOnce, requestCancel } from '../order/submit.ts';
import { isBeingClosed } from '../protection/beingClosed.ts';
import { bringExits } from '../protection/bringExits.ts';
import { askForClose, closeIfDue, isCloseDue } from '../protection/closeDue.ts';
import { guardPosition } from '../protection/guardPosition.ts';
import { isOnlyStop } from '../protection/onlyStop.ts';
import { isAdding } from '../risk/incoming.ts';
import { hasPassed } from '../turn/age.ts';
import { raiseAlert, resolveAlert, resolveAlertsOfPosition } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * After anything was learnt about (account, symbol): protection first, then what a flat position leaves behind, then
 * whoever waits for it.
 */
export function settleSymbol(
  turn: Turn,
  state: AccountState,
  symbol: string,
  proof: FlatProof | null = null,
): void {
  const { accountId } = state.account;
  const position = positionOf(turn.desk, accountId, symbol);
  if (position === undefined) {
    resolveAlertsOfPosition(turn, accountId, symbol);
    cancelLeftovers(turn, state, symbol, null);
  } else {
    const isRefused = closeFailures(turn.desk, accountId, symbol) !== undefined;
    if (!isRefused || !isBeingClosed(turn, state, position))
      resolveAlert(turn, `close:${accountId}:${symbol}`);
    const bot = position.botId === null ? undefined : turn.desk.bots.get(position.botId);
    if (bot?.state === 'stopped') stopAgain(turn, bot);
    if (bot === undefined && position.botId !== null) closeOrphan(turn, position);
    // What its entry filled before the close, and was told after it, was closed by hand like the rest.
    if (bot !== undefined && isClosedByHand(bot) && !isCloseDue(turn, position)) askForClose(turn, position);
    cancelLeftovers(turn, state, symbol, position);
    guardPosition(turn, state, symbol);
    closeIfDue(turn, state, symbol);
    bringExits(turn, state, symbol);
  }
  for (const bot of [...turn.desk.bots.values()]) {
    if (bot.accountId !== accountId || bot.symbol !== symbol) continue;
    if (bot.state === 'stopped' && hasWorkingEntry(turn.desk, bot)) stopAgain(turn, bot);
    advanceBot(turn, state, bot.botId, proof);
  }
  advanceEmergencies(turn, proof);
}

/** An order of a stopped bot turned out to work, or to have worked: `stopped` with exposure would be a lie. */
function stopAgain(turn: Turn, bot: Bot): void {
  const reason = { code: 'worked_after_stop', figures: {} } as const;
  const changedBy = { deviceId: null, action: 'late fill', at: turn.wallTime };
  moveBot(turn, bot, 'stopping', { closing: true, reason, version: bot.version + 1, changedBy });
  raiseAlert(turn, {
    alertId: `late_fill:${bot.botId}`,
    severity: 'critical',
    code: 'late_fill',
    figures: { symbol: bot.symbol, bot: bot.name },
    accountId: bot.accountId,
    botId: bot.botId,
  });
}

/** An order of a bot that was deleted since filled after all: nobody wants the position. */
function closeOrphan(turn: Turn, position: Position): void {
  if (isCloseDue(turn, position)) return;
  askForClose(turn, position);
  raiseAlert(turn, {
    alertId: `late_fill:${position.botId}`,
    severity: 'critical',
    code: 'orphan_fill',
    figures: { symbol: position.symbol },
    accountId: position.accountId,
  });
}

/** How long a stop may be known before the fill that made it, wall ms. */
const FILL_PATIENCE_MS = 10_000;

/**
 * Exits of a position that is gone: none is open, or the one there is by now (`held`) is on the other side or another of the
 * same. An entry still working may fill yet: its exits are placed anew then.
 */
function cancelLeftovers(turn: Turn, state: AccountState, symbol: string, held: Position | null): void {
  for (const order of [...openOrders(turn.desk, state.account.accountId, symbol)]) {
    const { status, purpose, foreign } = order;
    if (foreign === true || status === 'submitting' || status === 'unknown') continue;
    const isOutlived = turn.desk.outlived.has(order.orderId);
    if (held !== null && !isAdding(held, order.side) && !(isOutlived && isStray(turn, held, order))) continue;
    if (!EXITS.has(purpose) && !(isOutlived && purpose === 'manual' && !endsAtOnce(order))) continue;
    // Until the books were compared, the venue may hold what they miss.
    const isCompared = state.account.status === 'ready' && !isPositionInDoubt(state, symbol);
    const mayGo = purpose !== 'stop' || (isCompared && !isAhead(turn, order));
    if (mayGo) requestCancel(turn, state, order);
  }
}

/** Closes end at once, and orders by hand are exits only where they reduce. */
const EXITS: ReadonlySet<Order['purpose']> = new Set(['take_profit', 'stop', 'exit']);

/** A stop of the former position may be the only one of this one, until its own rests. */
function isStray(turn: Turn, held: Position, order: Order): boolean {
  return held.stop?.orderId !== order.orderId && !isOnlyStop(turn.desk, order);
}

/** A stop that was told before the fill that made it stays while that fill may come. */
function isAhead(turn: Turn, stop: Order): boolean {
  const isFresh = !hasPassed(turn, stop.createdAt, FILL_PATIENCE_MS);
  for (const entry of turn.desk.orders.values()) {
    if (entry.accountId !== stop.accountId || entry.symbol !== stop.symbol) continue;
    if (entry.attachedStop === null || entry.attachedStop.triggerPrice !== stop.triggerPrice) continue;
    const misses = entry.status === 'filled' && lt(entry.filledSize, entry.size);
    if (isOpen(entry) || (misses && isFresh)) return true;
  }
  return false;
}
