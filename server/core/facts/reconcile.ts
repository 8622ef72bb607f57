import { because } from '../../../shared/domain/cause.ts';
import { div, eq, isZero, sub, ZERO } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { VenueAccountState, VenuePosition } from '../../ports/venue.ts';
import type { FlatProof } from '../ask/flatProof.ts';
import { lookUp } from '../ask/lookUp.ts';
import { readAccount } from '../ask/readAccount.ts';
import {
  type AccountState,
  type Booked,
  balanceOf,
  openOrders,
  positionOf,
  positionsOf,
  SETTLEMENT_COIN,
  stopSince,
} from '../desk.ts';
import { advanceEmergencies } from '../emergency/emergency.ts';
import type { InputOf } from '../inputs.ts';
import { recordBill } from '../ledger/recordBill.ts';
import { reportForeign } from '../ledger/reportForeign.ts';
import { settleRealised } from '../ledger/settleRealised.ts';
import { bookHeld, takeFill } from '../ledger/takeFill.ts';
import { writeOrder } from '../order/writeOrder.ts';
import { isByHand } from '../protection/guardPosition.ts';
import { retryMove } from '../protection/sendStop.ts';
import { isSound } from '../protection/stopFault.ts';
import { setStop } from '../protection/stopState.ts';
import { answerShown, doubtStop } from '../protection/verifyStop.ts';
import { liquidationPrice } from '../rules/liquidationPrice.ts';
import { watchLimits } from '../settle/watchLimits.ts';
import { hasPassed, isSince } from '../turn/age.ts';
import { raiseAlert, resolveAlert, resolveAlertsOfPosition } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { bookAndSettle } from './bookAndSettle.ts';
import { differences, lateBy, laterThan, mayBeExplained, noteDiffering } from './differing.ts';
import { knowOrder } from './orderAnswers.ts';
import { adoptForeign, adoptStop, ownOrder } from './pushes.ts';

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
  const listed = new Set(theirs.orders.map((order) => order.venueOrderId));
  for (const fill of read.fills) takeFill(turn, state, fill, read.endedAt, listed);
  for (const bill of read.bills) recordBill(turn, state, bill);
  reconcileOrders(turn, state, read);
  for (const { fill } of [...state.held.values()]) bookHeld(turn, state, fill.symbol, listed);
  // Pushes overtook the read: what it says of positions and balance is older than what we know.
  const later = laterThan(state, theirs.cursors);
  const isCurrent = later.length === 0;
  const differing = differences(turn, state, theirs, later);
  const isExplained = differing === null || (isCurrent && !mayBeExplained(turn, state, differing));
  if (isCurrent || isExplained) noteDiffering(turn, state, isExplained ? null : differing);
  if (isCurrent && isExplained) reconcilePositions(turn, state, theirs);
  if (isCurrent && differing === null) settleRealised(turn, state, theirs);
  if (isExplained) reconcileBalance(turn, state, theirs, later);
  noteCursors(turn, state, read);
  // Else the next look reads anew, and what is pushed meanwhile is compared then.
  if (isExplained) markReady(turn, state);
  const proof = isCurrent && isExplained ? flatProof(turn, state, read) : null;
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
  const working = new Set<string | null>(read.state.orders.map(({ venueOrderId }) => venueOrderId));
  for (const seen of read.state.orders) {
    const order = ownOrder(turn, state, seen);
    if (order !== undefined) {
      listed.add(order.orderId);
      knowOrder(turn, state, order, seen);
      answerShown(turn, order.orderId);
    } else if (!adoptStop(turn, state, seen)) adoptForeign(turn, state, seen);
  }
  for (const order of [...openOrders(turn.desk, state.account.accountId)]) {
    // Changed since the read began: it may be too new to be listed.
    if (listed.has(order.orderId) || isSince(turn, order.updatedAt, read.startedAt)) continue;
    // On its way: its answer comes, at the latest as "unknown".
    if (order.status === 'submitting' && !hasPassed(turn, order.createdAt, SUBMIT_PATIENCE_MS)) continue;
    if (order.status === 'submitting') writeOrder(turn, order, { ...order, status: 'unknown' });
    doubtStop(turn, order);
    lookUp(turn, state.account.venue, order);
  }
  for (const position of positionsOf(turn.desk, state.account.accountId)) {
    // Between two states of its stop for longer than this read took, and none is there: it must be placed.
    const stop = position.stop;
    if (stop === null || isSince(turn, stopSince(turn.desk, position), read.startedAt)) continue;
    // `failed`: it is being closed, and no stop is tried again. `none`: it is to be placed already.
    if (stop.state === 'resting' || stop.state === 'failed' || stop.state === 'none') continue;
    // Asked to move again only while it is there to be moved.
    if (stop.state === 'replacing' && stop.orderId !== null && listed.has(stop.orderId))
      retryMove(turn, state, position);
    const rests = [...openOrders(turn.desk, position.accountId, position.symbol)].some(
      (order) => isSound(position, order) && working.has(order.venueOrderId),
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

function reconcilePositions(turn: Turn, state: AccountState, venue: VenueAccountState): void {
  const { accountId } = state.account;
  const theirs = new Map(venue.positions.filter((p) => !isZero(p.size)).map((p) => [p.symbol, p]));
  for (const ours of positionsOf(turn.desk, accountId)) {
    if (theirs.has(ours.symbol)) continue;
    // The fills that closed it are beyond the venue's memory, or it never was: the venue has the last word.
    turn.emit('PositionChanged', {
      position: { ...ours, size: ZERO, cost: ZERO, stop: null, unprotectedSince: null },
      trade: null,
    });
    resolveAlertsOfPosition(turn, accountId, ours.symbol);
    reportForeign(turn, state, { code: 'closed', figures: { symbol: ours.symbol } }, ours.foreign);
  }
  for (const seen of theirs.values()) adoptPosition(turn, state, seen);
}

function adoptPosition(turn: Turn, state: AccountState, seen: VenuePosition): void {
  const ours = positionOf(turn.desk, state.account.accountId, seen.symbol);
  if (ours !== undefined && eq(ours.size, seen.size) && ours.direction === seen.direction) {
    const { liquidationPrice: price, leverage, marginMode } = seen;
    if (ours.liquidationPrice !== price || ours.leverage !== leverage || ours.marginMode !== marginMode) {
      const position = { ...ours, liquidationPrice: price, leverage, marginMode };
      turn.emit('PositionChanged', { position, trade: null });
    }
    return;
  }
  // The one that these were about has ended.
  if (ours !== undefined && ours.direction !== seen.direction)
    resolveAlertsOfPosition(turn, ours.accountId, ours.symbol);
  const instrument = turn.context.instrument(state.account.venue, seen.symbol);
  const liquidation =
    seen.liquidationPrice ??
    (instrument === undefined
      ? null
      : liquidationPrice(
          instrument,
          seen.direction,
          div(seen.cost, seen.size),
          seen.leverage,
          seen.marginMode,
        ));
  turn.emit('PositionChanged', {
    position: {
      accountId: state.account.accountId,
      symbol: seen.symbol,
      botId: null,
      fees: ZERO,
      funding: ZERO,
      realisedPnl: ZERO,
      openedAt: turn.context.marketTime(state.account.venue),
      stop: null,
      protection: {
        stopLossPct: null,
        trailing: null,
        breakEvenAtPct: null,
        breakEvenDone: false,
        takeProfits: [],
        waits: [],
        exits: [],
        partialsTaken: [],
        close: null,
      },
      closedSize: ZERO,
      closedValue: ZERO,
      unprotectedSince: null,
      unprotectedMs: 0,
      ...(ours?.direction === seen.direction ? ours : { foreign: true }),
      direction: seen.direction,
      size: seen.size,
      cost: seen.cost,
      openedSize: seen.size,
      openedCost: seen.cost,
      leverage: seen.leverage,
      marginMode: seen.marginMode,
      liquidationPrice: liquidation,
      updatedAt: turn.wallTime,
    },
    trade: null,
  });
  const { direction, size, symbol } = seen;
  reportForeign(turn, state, { code: 'position', figures: { direction, size, symbol } }, ours?.foreign);
}

/**
 * The ledger law: the balance follows from fills and bills. A difference is told and never absorbed silently; one reading
 * proves nothing, two in a row that show the same difference do.
 */
function reconcileBalance(
  turn: Turn,
  state: AccountState,
  venue: VenueAccountState,
  later: readonly Booked[],
): void {
  const { accountId } = state.account;
  const theirs = venue.balances[SETTLEMENT_COIN] ?? ZERO;
  const ours = later.reduce((balance, { amount }) => sub(balance, amount), balanceOf(state));
  const gap = eq(theirs, ours) ? null : sub(theirs, ours);
  const before = state.balanceGap;
  if (gap !== before) turn.emit('BalanceCompared', { accountId, gap, ts: turn.wallTime });
  if (gap === null) resolveAlert(turn, `ledger:${accountId}`);
  if (gap === null || gap !== before || !hasPassed(turn, state.balanceGapSince, lateBy(turn, state))) return;
  raiseAlert(turn, {
    alertId: `ledger:${accountId}`,
    severity: 'critical',
    code: 'ledger_mismatch',
    figures: { of: 'balance', theirs, ours, coin: SETTLEMENT_COIN },
    accountId,
  });
}

/** What the venue showed to be free of positions and orders, read after the last thing we did there. */
function flatProof(turn: Turn, state: AccountState, read: AccountRead): FlatProof {
  const { accountId } = state.account;
  const busy = new Set<string>();
  const working = new Set<string>();
  let accountFlat = true;
  const isLater = (order: Order): boolean => isSince(turn, order.updatedAt, read.startedAt + 1);
  const isOpenAt = (symbol: string, isOurs: boolean) => {
    accountFlat = false;
    if (isOurs) busy.add(symbol);
  };
  for (const { symbol, size } of read.state.positions)
    if (!isZero(size)) isOpenAt(symbol, positionOf(turn.desk, accountId, symbol)?.botId !== null);
  for (const seen of read.state.orders) {
    const order = ownOrder(turn, state, seen);
    isOpenAt(seen.symbol, order === undefined || isOfBot(order));
    if (order !== undefined && !isLater(order)) working.add(order.orderId);
  }
  for (const order of turn.desk.orders.values()) {
    if (order.accountId === accountId && (isOpen(order) || isLater(order)))
      isOpenAt(order.symbol, isOfBot(order));
  }
  const symbols = new Set<string>();
  for (const symbol of symbolsOf(turn, state)) if (!busy.has(symbol)) symbols.add(symbol);
  return { accountId, symbols, accountFlat, working };
}

/** Entries by hand, and what is foreign, do not keep a bot from being flat; exits may be its own. */
const isOfBot = (order: Order): boolean =>
  order.botId !== null || (order.reduceOnly && order.foreign !== true);

/** Every symbol the account has to do with: bots, positions, orders. */
function symbolsOf(turn: Turn, state: AccountState): Set<string> {
  const { accountId } = state.account;
  const symbols = new Set<string>();
  for (const position of positionsOf(turn.desk, accountId)) symbols.add(position.symbol);
  for (const order of turn.desk.orders.values()) if (order.accountId === accountId) symbols.add(order.symbol);
  for (const bot of turn.desk.bots.values()) if (bot.accountId === accountId) symbols.add(bot.symbol);
  return symbols;
}
