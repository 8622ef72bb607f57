import { because } from '../../../shared/domain/cause.ts';
import { eq, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { VenueOrder } from '../../ports/venue.ts';
import { lookUp } from '../ask/lookUp.ts';
import { readAccount } from '../ask/readAccount.ts';
import { apartMs, forgetOthers, isShownAgain, lagOf, OF_STRANGE_ORDER } from '../ask/shownAgain.ts';
import {
  type AccountState,
  type Booked,
  balanceOf,
  heldSymbols,
  openOrders,
  positionsOf,
  SETTLEMENT_COIN,
  stopSince,
} from '../desk.ts';
import { advanceEmergencies } from '../emergency/emergency.ts';
import type { InputOf } from '../inputs.ts';
import { recordBill } from '../ledger/recordBill.ts';
import { settleRealised } from '../ledger/settleRealised.ts';
import { bookHeld, takeFill } from '../ledger/takeFill.ts';
import { writeOrder } from '../order/writeOrder.ts';
import { isByHand } from '../protection/guardPosition.ts';
import { retryMove } from '../protection/sendStop.ts';
import { isSound } from '../protection/stopFault.ts';
import { setStop } from '../protection/stopState.ts';
import { answerShown, doubtStop } from '../protection/verifyStop.ts';
import { watchLimits } from '../settle/watchLimits.ts';
import { hasPassed, isSince } from '../turn/age.ts';
import { raiseAlert, resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { bookAndSettle } from './bookAndSettle.ts';
import { differences, lateBy, laterThan, mayBeExplained, noteDiffering } from './differing.ts';
import { knowOrder } from './orderAnswers.ts';
import { proveFlat } from './proveFlat.ts';
import { adoptForeign, adoptStop, ownOrder } from './pushes.ts';
import { reconcilePositions } from './reconcilePositions.ts';

type AccountRead = InputOf<'AccountRead'>;

/**
 * Compares an account with what the venue has of it: fills and bills that were missed, then orders, then positions and
 * balance, which must follow from the fills. What differs becomes events; where both disagree the venue is right.
 */
export function reconcile(turn: Turn, state: AccountState, read: AccountRead): void {
  // Asked by a desk that was thrown away since: what is between our cursor and its own is not in here.
  const { since, state: theirs } = read;
  if (since !== undefined && (since.fills > state.cursors.fills || since.bills > state.cursors.bills)) {
    readAccount(turn, state);
    return;
  }
  turn.isOfReading = true;
  const listed = new Set(theirs.orders.flatMap(namesOf));
  for (const fill of read.fills) takeFill(turn, state, fill, read.endedAt, listed);
  for (const bill of read.bills) recordBill(turn, state, bill);
  reconcileOrders(turn, state, read);
  for (const symbol of heldSymbols(state)) bookHeld(turn, state, symbol, listed);
  // Pushes overtook the read: what it says of positions and balance is older than what we know.
  const later = laterThan(state, theirs.cursors);
  const isCurrent = later.length === 0;
  const differing = differences(turn, state, theirs, later);
  const isExplained = differing === null || (isCurrent && !mayBeExplained(turn, state, differing));
  if (isCurrent || isExplained) noteDiffering(turn, state, isExplained ? null : differing);
  const agrees = isCurrent && reconcilePositions(turn, state, read, isExplained);
  const isCompared = differing === null || agrees;
  if (isCurrent && differing === null) settleRealised(turn, state, theirs);
  // What waits to be booked is in their balance.
  if (isCompared && state.held.size === 0) reconcileBalance(turn, state, read, later);
  noteCursors(turn, state, read);
  // Else the next look reads anew: what is pushed meanwhile is compared then, and what differed is shown again or not.
  if (isCompared) markReady(turn, state);
  const shown = isCurrent ? proveFlat(turn, state, read) : null;
  const proof = isCompared ? shown : null;
  for (const symbol of symbolsOf(turn, state)) bookAndSettle(turn, state, symbol, proof, listed);
  // Also for an account that has to do with no symbol at all.
  advanceEmergencies(turn, proof);
}

/** Beyond which there may still be something that we were not told of. */
function noteCursors(turn: Turn, state: AccountState, read: AccountRead): void {
  const { accountId, venue } = state.account;
  const overlap = turn.context.venue(venue)?.capabilities.tellsLate?.cursor ?? 0;
  const { cursors } = state;
  const fills = Math.max(cursors.fills, read.state.cursors.fills - overlap);
  const bills = Math.max(cursors.bills, read.state.cursors.bills - overlap);
  if (fills === cursors.fills && bills === cursors.bills && state.reconciledAt !== null) return;
  turn.emit('Reconciled', { accountId, cursors: { fills, bills }, ts: read.state.marketTime });
}

function markReady(turn: Turn, state: AccountState): void {
  const { accountId, status } = state.account;
  resolveAlert(turn, `account:${accountId}`);
  if (status !== 'ready') {
    turn.emit('AccountChanged', { account: { ...state.account, status: 'ready', statusReason: null } });
    // The risk day begins with the account, not with its first trade.
    watchLimits(turn, state);
  }
}

/** How long an order may be on its way before its answer counts as lost, wall ms. */
const SUBMIT_PATIENCE_MS = 10_000;

/** Working orders here and there: theirs are taken over, ours that they do not list are looked up by id. */
function reconcileOrders(turn: Turn, state: AccountState, read: AccountRead): void {
  const listed = new Set<string>();
  const strange = new Set<string>();
  const working = new Set<string | null>(read.state.orders.flatMap(namesOf));
  for (const seen of read.state.orders) {
    const order = ownOrder(turn, state, seen);
    if (order !== undefined) {
      listed.add(order.orderId);
      knowOrder(turn, state, order, seen);
      answerShown(turn, order.orderId);
    } else if (!adoptStop(turn, state, seen)) takeStrange(turn, state, seen, read.startedAt, strange);
  }
  forgetOthers(turn, state, OF_STRANGE_ORDER, strange);
  // What changed since the moment that is shown may be too new for it.
  const shownAt = read.startedAt - lagOf(turn, state);
  for (const order of [...openOrders(turn.desk, state.account.accountId)]) {
    if (listed.has(order.orderId) || isSince(turn, order.updatedAt, shownAt)) continue;
    // On its way: its answer comes, at the latest as "unknown".
    if (order.status === 'submitting' && !hasPassed(turn, order.createdAt, SUBMIT_PATIENCE_MS)) continue;
    if (order.status === 'submitting') writeOrder(turn, order, { ...order, status: 'unknown' });
    doubtStop(turn, order);
    lookUp(turn, state.account.venue, order);
  }
  for (const position of positionsOf(turn.desk, state.account.accountId)) {
    // Between two states of its stop for longer than this read took, and none is there: it must be placed.
    const stop = position.stop;
    if (stop === null || isSince(turn, stopSince(turn.desk, position), shownAt)) continue;
    // `failed`: it is being closed, and no stop is tried again. `none`: it is to be placed already.
    if (stop.state === 'resting' || stop.state === 'failed' || stop.state === 'none') continue;
    // Asked to move again only while it is there to be moved.
    if (stop.state === 'replacing' && stop.orderId !== null && listed.has(stop.orderId))
      retryMove(turn, state, position);
    const rests = [...openOrders(turn.desk, position.accountId, position.symbol)].some(
      (order) => isSound(position, order) && working.has(order.becameOrderId ?? order.venueOrderId),
    );
    const ours = stop.orderId === null ? undefined : turn.desk.orders.get(stop.orderId);
    const pending = ours !== undefined && (ours.status === 'submitting' || ours.status === 'unknown');
    // One set by hand that never showed is tried on as such.
    const isTried = stop.state === 'placing' && ours !== undefined && isByHand(ours);
    if (rests || pending) continue;
    if (stop.state === 'attached' || stop.state === 'triggered') sayGone(turn, position);
    setStop(turn, position, 'none', { orderId: isTried ? ours.orderId : null });
  }
}

/** Its id, and the one that it had before: what we know it by may be that one. */
const namesOf = ({ venueOrderId, replacesOrderId }: VenueOrder): string[] =>
  replacesOrderId === null ? [venueOrderId] : [venueOrderId, replacesOrderId];

/** Nothing of ours by id: the venue's stop of an entry of ours may have gone since with its position, so it is seen twice. */
function takeStrange(
  turn: Turn,
  state: AccountState,
  seen: VenueOrder,
  startedAt: number,
  strange: Set<string>,
): void {
  const subject = `${OF_STRANGE_ORDER}${seen.venueOrderId}`;
  if (isShownAgain(turn, state, subject, seen.venueOrderId, startedAt)) adoptForeign(turn, state, seen);
  else strange.add(subject);
}

/** Until another one rests. */
function sayGone(turn: Turn, { accountId, symbol, botId }: Position): void {
  raiseAlert(turn, {
    alertId: `stop_differs:${accountId}:${symbol}`,
    severity: 'critical',
    code: 'stop_differs',
    figures: { symbol, cause: because('stop_gone', {}) },
    accountId,
    botId,
  });
}

/**
 * The ledger law: the balance follows from fills and bills. A difference is told and never absorbed silently; one reading
 * proves nothing, two apart that show the same difference do.
 */
function reconcileBalance(
  turn: Turn,
  state: AccountState,
  { state: venue, startedAt }: AccountRead,
  later: readonly Booked[],
): void {
  const { accountId } = state.account;
  const theirs = venue.balances[SETTLEMENT_COIN] ?? ZERO;
  const ours = later.reduce((balance, { amount }) => sub(balance, amount), balanceOf(state));
  const gap = eq(theirs, ours) ? null : sub(theirs, ours);
  const before = state.balanceGap;
  if (gap !== before) turn.emit('BalanceCompared', { accountId, gap, ts: startedAt });
  if (gap === null) resolveAlert(turn, `ledger:${accountId}`);
  const patienceMs = Math.max(lateBy(turn, state), apartMs(turn, state));
  // From beginning to beginning, like all that two readings are to prove; one of the future lies long ago.
  const isApart = Math.abs(startedAt - state.balanceGapSince) >= patienceMs;
  if (gap === null || gap !== before || !isApart) return;
  raiseAlert(turn, {
    alertId: `ledger:${accountId}`,
    severity: 'critical',
    code: 'ledger_mismatch',
    figures: { of: 'balance', theirs, ours, coin: SETTLEMENT_COIN },
    accountId,
  });
}

/** Every symbol the account has to do with: bots, positions, orders. */
function symbolsOf(turn: Turn, state: AccountState): Set<string> {
  const { accountId } = state.account;
  const symbols = new Set<string>();
  for (const position of positionsOf(turn.desk, accountId)) symbols.add(position.symbol);
  for (const order of turn.desk.orders.values()) if (order.accountId === accountId) symbols.add(order.symbol);
  for (const bot of turn.desk.bots.values()) if (bot.accountId === accountId) symbols.add(bot.symbol);
  return symbols;
}
