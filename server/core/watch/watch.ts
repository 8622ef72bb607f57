import type { Bot } from '../../../shared/domain/bot.ts';
import { isZero } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { connectAccount } from '../ask/connectAccount.ts';
import { FORGET_AFTER_MS, lookUp } from '../ask/lookUp.ts';
import { readAccount } from '../ask/readAccount.ts';
import { isInDoubt } from '../ask/shownAgain.ts';
import { advanceBot } from '../bot/advanceBot.ts';
import { askForBars, askForStart } from '../bot/askForStart.ts';
import { barsNeeded } from '../bot/barsDue.ts';
import { leaveDelisted } from '../bot/leaveDelisted.ts';
import type { Context } from '../context.ts';
import {
  type AccountState,
  claims,
  type Desk,
  heldSymbols,
  openOrders,
  positionOf,
  positionsOf,
  stopSince,
} from '../desk.ts';
import { advanceEmergencies } from '../emergency/emergency.ts';
import { bookAndSettle } from '../facts/bookAndSettle.ts';
import { giveUpUnread } from '../facts/orderAnswers.ts';
import { HANGS } from '../fold/countExitFailures.ts';
import { isCancelDue } from '../order/cancelRefused.ts';
import { endsAtOnce, requestCancel } from '../order/submit.ts';
import { sayCloseFailed } from '../order/updateOrder.ts';
import { writeOrder } from '../order/writeOrder.ts';
import { bringExits } from '../protection/bringExits.ts';
import { closeIfDue } from '../protection/closeDue.ts';
import { guardPosition, stopRests } from '../protection/guardPosition.ts';
import { isOnlyStop } from '../protection/onlyStop.ts';
import { setStop } from '../protection/stopState.ts';
import { CANCEL_CHECK_MS, isToBeReadBack, replacedStops, verifyStop } from '../protection/verifyStop.ts';
import { limitsNeedTime, watchBookLimits, watchLimits } from '../settle/watchLimits.ts';
import { hasPassed } from '../turn/age.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { isAtRest } from './atRest.ts';

/** Whether the desk has anything that time alone can bring on. */
export function needsWatching(desk: Desk, context: Context): boolean {
  return !isAtRest(desk) || limitsNeedTime(desk, context);
}

/**
 * Once a second: whatever was asked and not answered is asked again; stops, limits and transitions are looked after.
 * An account that cannot be read is asked for anew, and what protects or reduces goes on meanwhile: it is reduce-only, and
 * worst it meets a position that is gone. Limits go by what is known. What needs the comparison waits for it: starts, new days, cancels of stops of a
 * flat symbol, and every claim that something is flat.
 */
export function watch(turn: Turn): void {
  for (const state of [...turn.desk.accounts.values()]) {
    const isCompared = state.account.status === 'ready';
    if (!isCompared) connectAccount(turn, state, false);
    else if (state.differing !== null || isInDoubt(state)) readAccount(turn, state);
    for (const symbol of heldSymbols(state)) bookAndSettle(turn, state, symbol);
    watchOrders(turn, state);
    for (const position of positionsOf(turn.desk, state.account.accountId))
      watchPosition(turn, state, position);
    watchLimits(turn, state);
    for (const bot of [...turn.desk.bots.values()]) {
      if (bot.accountId !== state.account.accountId) continue;
      leaveDelisted(turn, state, bot);
      advanceBot(turn, state, bot.botId, null);
      // What a start asked for and did not get.
      const current = turn.desk.bots.get(bot.botId);
      if (isCompared && current?.state === 'starting') askForStart(turn, state, current);
      else if (current !== undefined && hasNoBars(turn, current)) askForBars(turn, state, current);
    }
  }
  watchBookLimits(turn);
  advanceEmergencies(turn, null);
}

/** What it is to decide by could not be read, or is missing a minute. */
function hasNoBars(turn: Turn, bot: Bot): boolean {
  const { venue, symbol, interval } = bot;
  if (!claims(turn.desk, bot)) return false;
  return turn.context.series(venue, symbol, interval, barsNeeded(turn.context, bot)) === undefined;
}

function watchOrders(turn: Turn, state: AccountState): void {
  const { venue, accountId } = state.account;
  for (const order of [...openOrders(turn.desk, accountId)]) {
    if (keepStop(turn, state, order) || giveUpUnread(turn, state, order)) continue;
    const isLate = hasPassed(turn, order.updatedAt, CANCEL_CHECK_MS);
    if (isStuck(turn, order)) giveUpStuck(turn, state, order);
    // A market order has ended by now, one way or the other; a cancel as well.
    const isOverdue = isLate && order.status !== 'submitting' && (order.cancelRequested || endsAtOnce(order));
    const isAmendLost = isLate && order.amending?.lostUntil !== undefined;
    const isAsked = order.unanswered || order.status === 'unknown' || isToBeReadBack(turn, order);
    if (isAsked || isOverdue || isAmendLost) lookUp(turn, venue, order);
    // One that another stop has replaced waits until that one was seen once more.
    const isLeaving = isOverdue || order.status === 'unknown' || isAmendLost;
    if (isLeaving && !isReplaced(turn, order) && isCancelDue(turn, order))
      turn.effect({ type: 'CancelOrder', venue, order });
  }
}

/** One that is to end at once and that the venue goes on showing as working would fill at a price of later. */
function isStuck(turn: Turn, order: Order): boolean {
  const { status, cancelRequested, reason, foreign, updatedAt } = order;
  if (!endsAtOnce(order) || cancelRequested || reason?.code === 'awaits_fills' || foreign === true)
    return false;
  return (status === 'open' || status === 'partially_filled') && hasPassed(turn, updatedAt, FORGET_AFTER_MS);
}

/** It is taken back, so that what is still wanted can be sent anew; a close that gets nowhere is said. */
function giveUpStuck(turn: Turn, state: AccountState, order: Order): void {
  requestCancel(turn, state, { ...order, reason: HANGS });
  if (order.purpose === 'close' && !turn.desk.outlived.has(order.orderId)) sayCloseFailed(turn, order, HANGS);
}

function isReplaced(turn: Turn, order: Order): boolean {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  return (
    position !== undefined && replacedStops(turn, position).some(({ orderId }) => orderId === order.orderId)
  );
}

/**
 * A stop that was to go once another rested, which is gone since, or is not shown any more: it is the only one left, and
 * stays.
 */
function keepStop(turn: Turn, state: AccountState, order: Order): boolean {
  if (!order.cancelRequested || !isOnlyStop(turn.desk, order)) return false;
  const kept = writeOrder(turn, order, { ...order, cancelRequested: false, updatedAt: turn.wallTime });
  stopRests(turn, state, kept);
  // Its cancel may have come through.
  lookUp(turn, state.account.venue, kept);
  return true;
}

/** How long an account that cannot be read is waited for, before a stop that is not there is placed again unread, wall ms. */
const UNREAD_PATIENCE_MS = 5_000;

/**
 * The stop that was to come with the entry was not told of, or the venue said that it took the stop away, and it cannot be
 * asked whether one rests, or whether the position went too.
 */
function isMissingUnread(turn: Turn, state: AccountState, position: Position): boolean {
  const { stop } = position;
  if (state.account.status === 'ready' || stop === null) return false;
  if (!hasPassed(turn, stopSince(turn.desk, position), UNREAD_PATIENCE_MS)) return false;
  if (stop.state === 'attached') return true;
  return stop.state === 'triggered' && turn.desk.orders.get(stop.orderId ?? '')?.status === 'cancelled';
}

function watchPosition(turn: Turn, state: AccountState, before: Position): void {
  if (isZero(before.size)) return;
  const { settings } = turn.context;
  const isMissing = isMissingUnread(turn, state, before);
  const position = isMissing ? setStop(turn, before, 'none', { orderId: null }) : before;
  const { stop } = position;
  const inFlight =
    stop !== null && stop.state !== 'resting' && stop.state !== 'none' && stop.state !== 'failed';
  // Fills that go on coming say nothing of the stop: its own age counts.
  if (inFlight && hasPassed(turn, stopSince(turn.desk, position), settings.stopReadBackMs))
    readAccount(turn, state);
  else guardPosition(turn, state, position.symbol);
  if (replacedStops(turn, position).length > 0) verifyStop(turn, state, position.symbol);
  closeIfDue(turn, state, position.symbol);
  bringExits(turn, state, position.symbol);
  if (position.unprotectedSince === null) return;
  const ms = turn.context.marketTime(state.account.venue) - position.unprotectedSince;
  const alertId = `unprotected:${position.accountId}:${position.symbol}`;
  if (ms < settings.unprotectedLimitMs || turn.desk.alerts.has(alertId)) return;
  const current = turn.desk.positions.get(`${position.accountId}:${position.symbol}`);
  if (current === undefined) return;
  turn.emit('Unprotected', { position: current, ms });
  raiseAlert(turn, {
    alertId,
    severity: 'critical',
    code: 'unprotected',
    figures: { symbol: position.symbol, for: ms },
    accountId: position.accountId,
    botId: position.botId,
  });
}
