import { because, type Cause } from '../../../shared/domain/cause.ts';
import { gt, gte } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { VenueAnswer, VenueOrder } from '../../ports/venue.ts';
import { FORGET_AFTER_MS, lookUp } from '../ask/lookUp.ts';
import { readAccount } from '../ask/readAccount.ts';
import { forgetNote, isShownAgain } from '../ask/shownAgain.ts';
import { type AccountState, noteOfOrder, positionOf } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { acceptAmend, forgetAmend, loseAmend, sayAmendRefused, settleAmend } from '../order/amend.ts';
import { countCancel } from '../order/cancelRefused.ts';
import { requestCancel } from '../order/submit.ts';
import { updateOrder } from '../order/updateOrder.ts';
import { awaitsMove, stopRests } from '../protection/guardPosition.ts';
import { type RefusedStop, stopMoveRefused, stopRefused } from '../protection/stopRefused.ts';
import { stopTaken, stopTriggered } from '../protection/stopState.ts';
import { answerShown, cancelReplaced, doubtStop, keepAsking, verifyStop } from '../protection/verifyStop.ts';
import { refusalKind } from '../rules/refusalKind.ts';
import { asFired, isOutdated, renamed } from '../rules/venueName.ts';
import { hasPassed } from '../turn/age.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { bookAndSettle } from './bookAndSettle.ts';
import { takeVenueOrder } from './takeVenueOrder.ts';

type Rejection = Extract<VenueAnswer, { outcome: 'rejected' }>;

function refusalOf({ account }: AccountState, code: Rejection['code']): RefusedStop {
  // There is one that we were not told of: nothing is concluded before the account can be read.
  if (code === 'stop_exists' && account.status !== 'ready') return 'no_position';
  const kind = refusalKind(code);
  if (kind === 'passing' || kind === 'halted') return 'passing';
  return code === 'no_position' || code === 'reduce_only' ? 'no_position' : 'final';
}

/** The venue answered to placing, cancelling or amending an order of ours, or failed to. */
export function orderAnswered(turn: Turn, { orderId, action, answer }: InputOf<'OrderAnswered'>): void {
  const order = turn.desk.orders.get(orderId);
  const state = order === undefined ? undefined : turn.desk.accounts.get(order.accountId);
  if (order === undefined || state === undefined) return;
  if (action === 'place') placed(turn, state, order, answer);
  else if (action === 'cancel') cancelAnswered(turn, state, order, answer);
  else amended(turn, state, order, answer);
  bookAndSettle(turn, state, order.symbol);
}

function placed(turn: Turn, state: AccountState, order: Order, answer: VenueAnswer): void {
  if (answer.outcome === 'accepted') {
    const open = updateOrder(turn, order, { status: 'open', ...renamed(order, answer.venueOrderId) });
    sendCancel(turn, state, open);
    return;
  }
  if (answer.outcome === 'unknown') {
    // Given up or ended meanwhile: nothing new.
    if (!isOpen(order)) return;
    const lost = updateOrder(turn, order, { status: 'unknown', reason: because('unanswered', {}) });
    // It may work there: our id names it.
    sendCancel(turn, state, lost);
    lookUp(turn, state.account.venue, order);
    return;
  }
  const refused = because('refused', { as: answer.code });
  // The id is known there: the first sending worked. What became of it is asked, not guessed.
  if (answer.code === 'duplicate_client_id') {
    const known = updateOrder(turn, order, { status: 'unknown', reason: refused });
    sendCancel(turn, state, known);
    lookUp(turn, state.account.venue, order);
    return;
  }
  const rejected = updateOrder(turn, order, { status: 'rejected', reason: refused });
  if (order.purpose === 'stop') stopRefused(turn, state, rejected, refused, refusalOf(state, answer.code));
  // Nothing to reduce: the position that is being closed is gone, or is not what we think. Nor is a stop we do not know.
  if (order.reduceOnly && refusalKind(answer.code) === 'books') readAccount(turn, state);
  if (order.purpose === 'entry' && order.botId !== null) {
    raiseAlert(turn, {
      alertId: `entry:${order.botId}`,
      severity: 'warning',
      code: 'entry_rejected',
      figures: { symbol: order.symbol, as: answer.code },
      accountId: order.accountId,
      botId: order.botId,
    });
  }
}

/** A cancel that waited for the answer of its order goes out. */
function sendCancel(turn: Turn, state: AccountState, order: Order): void {
  if (order.cancelRequested && isOpen(order))
    turn.effect({ type: 'CancelOrder', venue: state.account.venue, order });
}

/**
 * Accepted is not yet cancelled: a fill may have been faster. Refused or lost, it is still wanted: the look-up tells whether
 * the order has ended, and a later tick asks again. That the venue knows no order of this name proves nothing of one whose
 * placing was not answered: that may arrive yet.
 */
function cancelAnswered(turn: Turn, state: AccountState, order: Order, answer: VenueAnswer): void {
  if (!isOpen(order)) return;
  countCancel(turn, order, answer);
  // It was there to be cancelled: what it is called there is told with it.
  const isNews = answer.outcome === 'accepted' && order.venueOrderId === null && answer.venueOrderId !== '';
  const known = turn.desk.orders.get(order.orderId) ?? order;
  const named = isNews
    ? updateOrder(turn, known, { ...renamed(known, answer.venueOrderId), status: 'open' })
    : known;
  lookUp(turn, state.account.venue, named);
}

function amended(turn: Turn, state: AccountState, order: Order, answer: VenueAnswer): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  const isStop = order.purpose === 'stop' && position?.stop?.orderId === order.orderId;
  if (answer.outcome === 'accepted') {
    // What the venue made of it is read back; a stop counts as moved once that shows.
    const names = renamed(order, answer.venueOrderId);
    acceptAmend(turn, state, 'venueOrderId' in names ? updateOrder(turn, order, names) : order);
    return;
  }
  if (answer.outcome === 'unknown') {
    if (order.amending === undefined) readAccount(turn, state);
    else loseAmend(turn, state, order);
    return;
  }
  forgetAmend(turn, order);
  if (isStop && position !== undefined) {
    if (refusalKind(answer.code) === 'books') {
      // It fired or was removed, or its position is gone: nothing is assumed before the venue was read.
      readAccount(turn, state);
      return;
    }
    // Whatever else it says, the stop rests where it was: a later look moves it if that is still wanted, with a pause.
    stopMoveRefused(turn, order, because('refused', { as: answer.code }));
    return;
  }
  // Its owner asked once and hears of a refusal of any kind; nothing asks again.
  // It was kept open for the larger size that was asked for.
  if (gte(order.filledSize, order.size)) lookUp(turn, state.account.venue, order);
  // It may not be where its bot wants it.
  if (order.purpose === 'entry' && isOpen(order) && refusalKind(answer.code) !== 'passing')
    requestCancel(turn, state, turn.desk.orders.get(order.orderId) ?? order);
  sayAmendRefused(turn, order, because('refused', { as: answer.code }));
}

/**
 * Whether a look-up that found nothing is conclusive: what must not come twice must have been asked for after the order's
 * window had ended. Of a look-up that does not say when it was asked, one more window must have passed.
 */
function cannotArrive(turn: Turn, state: AccountState, order: Order, askedAt: number | undefined): boolean {
  if (order.notAfter === null) return true;
  const facts = turn.context.venue(state.account.venue);
  const windowMs = facts?.writeWindowMs ?? 0;
  // A venue that looks at no deadline may take what left just before it for a window longer.
  const until = order.notAfter + (facts?.capabilities.expiringOrders === false ? windowMs : 0);
  const now = turn.context.marketTime(state.account.venue);
  // However often a whole close or a stop arrives, it takes no more than there is; of another exit once is enough.
  if (order.purpose === 'close' || order.purpose === 'stop') return now > until;
  // By the clock of then and of now: one of them may have been ahead for a while.
  if (askedAt !== undefined) return Math.min(askedAt, now) > until;
  return now > until + windowMs;
}

function isForgotten(turn: Turn, order: Order): boolean {
  const worked = order.status === 'open' || order.status === 'partially_filled';
  return worked && hasPassed(turn, order.updatedAt, FORGET_AFTER_MS);
}

/** A look-up by our id: what the venue knows of the order, or that it knows nothing of it. */
export function orderFound(turn: Turn, found: InputOf<'OrderFound'>): void {
  const { orderId, order: seen, askedAt } = found;
  const order = turn.desk.orders.get(orderId);
  const state = order === undefined ? undefined : turn.desk.accounts.get(order.accountId);
  if (order === undefined || state === undefined) return;
  // Of a moment before its last change: what it is now stays a question.
  if (seen !== null && isOutdated(order, seen)) {
    keepAsking(turn, order);
    return;
  }
  if (seen !== null) {
    knowOrder(turn, state, order, seen);
    answerShown(turn, orderId);
    // It filled more than our fills say: one was lost on the way. Asked once, since the read looks it up again.
    const known = turn.desk.orders.get(orderId);
    if (known !== undefined && isOpen(known)) cancelReplaced(turn, state, known);
    settleAmend(turn, state, orderId, askedAt);
    if (known !== undefined && known !== order && gt(seen.filledSize, known.filledSize))
      readAccount(turn, state);
    return;
  }
  if (order.status === 'unknown' && cannotArrive(turn, state, order, askedAt)) {
    // Past its window it can no longer take effect: it never arrived.
    if (isMissedAgain(turn, state, order, askedAt)) giveUp(turn, state, order, because('never_received', {}));
  } else if (isForgotten(turn, order) && isMissedAgain(turn, state, order, askedAt)) {
    giveUp(turn, state, order, because('forgotten', {}));
    readAccount(turn, state);
  } else if (order.status === 'open' || order.status === 'partially_filled') {
    // Too early to be given up: it may not be remembered yet, or was missed once.
    keepAsking(turn, order);
    doubtStop(turn, order);
  }
  settleAmend(turn, state, orderId, askedAt);
  bookAndSettle(turn, state, order.symbol);
}

/** What one look-up does not show, the next one may: an order that counts as gone is not there twice. */
function isMissedAgain(turn: Turn, state: AccountState, order: Order, askedAt: number | undefined): boolean {
  const { venue } = state.account;
  // However often one that only reduces arrives, it takes no more than there is.
  if (order.status === 'unknown' && (order.purpose === 'close' || order.purpose === 'stop')) return true;
  const speed = turn.context.venue(venue)?.speed ?? 1;
  // Market time at the pace of the wall: look-ups know no other.
  const at = (askedAt ?? turn.context.marketTime(venue)) / speed;
  return isShownAgain(turn, state, noteOfOrder(order.orderId), 'nothing', at);
}

function giveUp(turn: Turn, state: AccountState, order: Order, reason: Cause): void {
  const abandoned = updateOrder(turn, order, { status: 'abandoned', reason });
  if (order.purpose === 'stop') stopRefused(turn, state, abandoned, reason, 'passing');
}

/**
 * A stop or close of unknown outcome that nobody can be asked about is given up once it can arrive no more, and a close that
 * must have ended, so that another can be sent: both reduce only. What turns out to have worked is taken over. False: it
 * is waited for.
 */
export function giveUpUnread(turn: Turn, state: AccountState, order: Order): boolean {
  const isSentAgain = order.reduceOnly && (order.purpose === 'stop' || order.purpose === 'close');
  if (state.account.status === 'ready' || !isSentAgain || order.foreign === true) return false;
  // Accepted, it ended at once, and what told so was lost.
  const hasEnded = order.purpose === 'close' && isForgotten(turn, order);
  const neverCame = order.status === 'unknown' && cannotArrive(turn, state, order, undefined);
  if (!hasEnded && !neverCame) return false;
  giveUp(turn, state, order, because('unaskable', {}));
  return true;
}

/** A look-up got no answer: its question stays open. */
export function lookUpFailed(turn: Turn, { orderId }: InputOf<'LookUpFailed'>): void {
  const order = turn.desk.orders.get(orderId);
  if (order !== undefined) keepAsking(turn, order);
}

/** Takes over what the venue says of an order of ours, whether pushed, looked up or read. */
export function knowOrder(turn: Turn, state: AccountState, order: Order, shown: VenueOrder): void {
  if (isOutdated(order, shown)) return;
  const seen = asFired(order, shown);
  forgetNote(turn, state, noteOfOrder(order.orderId));
  // A stop that somebody else placed is theirs until it is adopted.
  const isOurStop = order.purpose === 'stop' && order.foreign !== true;
  const next = takeVenueOrder(turn, order, seen);
  if (isOurStop) {
    const position = positionOf(turn.desk, order.accountId, order.symbol);
    if (seen.status === 'triggered' && position !== undefined) stopTriggered(turn, position);
    else if (isOpen(next) && position?.stop != null) afterStopSeen(turn, state, next, seen.ts);
    else if (isOpen(order) && seen.status !== 'filled') {
      stopTaken(turn, next, seen.ts);
      // Only one is left: it is asked for again right after the other went.
      if (!isOpen(next)) verifyStop(turn, state, order.symbol);
    }
  }
  if (order.venueOrderId === null && next.venueOrderId !== null) sendCancel(turn, state, next);
  bookAndSettle(turn, state, order.symbol);
}

function afterStopSeen(turn: Turn, state: AccountState, order: Order, since: number): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  if (position?.stop == null) return;
  // The one that is to be moved or replaced, as it was before.
  if (position.stop.state === 'replacing' && awaitsMove(turn, state, position, order)) return;
  stopRests(turn, state, order, since);
}
