import type { Cause } from '../../../shared/domain/cause.ts';
import { type Decimal, eq } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import { lookUp } from '../ask/lookUp.ts';
import { lagOf } from '../ask/shownAgain.ts';
import type { AccountState } from '../desk.ts';
import { raiseAlert, resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { notAfter } from './submit.ts';
import { writeOrder } from './writeOrder.ts';

/** Asks the venue to change an order, and keeps what was asked for: its answer may be lost, or we may be gone. */
export function requestAmend(
  turn: Turn,
  state: AccountState,
  order: Order,
  change: { price?: Decimal; size?: Decimal },
): void {
  const amending = { price: change.price ?? order.price, size: change.size ?? order.size };
  const next = writeOrder(turn, order, { ...order, amending, updatedAt: turn.wallTime });
  resolveAlert(turn, alertId(order));
  const { venue } = state.account;
  turn.effect({ type: 'AmendOrder', venue, order: next, change, notAfter: notAfter(turn, venue) });
}

/** The venue took the change: it counts as asked for until the venue shows what it made of it. */
export function acceptAmend(turn: Turn, state: AccountState, order: Order): void {
  if (order.amending !== undefined) {
    const lostUntil = turn.context.marketTime(state.account.venue);
    const amending = { ...order.amending, lostUntil, accepted: true } as const;
    writeOrder(turn, order, { ...order, amending, updatedAt: turn.wallTime });
  }
  lookUp(turn, state.account.venue, order);
}

/** What was asked for is over: made, or not. */
export function forgetAmend(turn: Turn, order: Order): Order {
  const { amending, ...rest } = order;
  if (amending === undefined) return order;
  return writeOrder(turn, order, rest);
}

/** The answer was lost: the venue is asked until it shows the change, or the change can no longer come. */
export function loseAmend(turn: Turn, state: AccountState, order: Order): void {
  if (order.amending === undefined || order.amending.lostUntil !== undefined) return;
  const { venue } = state.account;
  const lostUntil = notAfter(turn, venue) ?? turn.context.marketTime(venue);
  const lost = { ...order, amending: { ...order.amending, lostUntil }, updatedAt: turn.wallTime };
  const next = writeOrder(turn, order, lost);
  lookUp(turn, venue, next);
}

/**
 * The venue showed the order, or that it is over: tells how a change ended whose answer was lost. `askedAt`: market time not
 * before which it was asked; only after the change can no longer come does an order that works as before say anything.
 */
export function settleAmend(turn: Turn, state: AccountState, orderId: string, askedAt?: number): void {
  const order = turn.desk.orders.get(orderId);
  const amending = order?.amending;
  if (order === undefined || amending?.lostUntil === undefined) return;
  const { symbol, price, size } = order;
  const isPrice = price === null || amending.price === null || eq(price, amending.price);
  const isMade = isPrice && eq(size, amending.size);
  const now = turn.context.marketTime(state.account.venue);
  // The venue may show the order as it was a while before it was asked.
  const lag = lagOf(turn, state) * (turn.context.venue(state.account.venue)?.speed ?? 1);
  const isConclusive = askedAt !== undefined && Math.min(askedAt, now) > amending.lostUntil + lag;
  if (isOpen(order) && !isMade && !isConclusive) return;
  forgetAmend(turn, order);
  if (isBots(order) || (amending.accepted === true && (isMade || !isOpen(order)))) return;
  const asked = { symbol, size: amending.size, price: amending.price };
  const { accountId, botId, status } = order;
  const of = { alertId: alertId(order), accountId, botId };
  if (isMade) {
    raiseAlert(turn, { ...of, severity: 'info', code: 'amend_made', figures: asked });
    return;
  }
  const answer = amending.accepted === true ? 'taken' : 'lost';
  const figures = { ...asked, answer, status, nowSize: size, nowPrice: price } as const;
  raiseAlert(turn, { ...of, severity: 'warning', code: 'amend_lost', figures });
}

/** The order is not changed, and nothing of the change is under way. */
export function sayAmendRefused(turn: Turn, order: Order, cause: Cause): void {
  if (isBots(order)) return;
  raiseAlert(turn, {
    alertId: alertId(order),
    severity: 'warning',
    code: 'amend_refused',
    figures: { symbol: order.symbol, cause },
    accountId: order.accountId,
    botId: order.botId,
  });
}

/** A bot looks again with its next bar, and asks again for what it still wants: nobody has to hear of it. */
const isBots = ({ purpose }: Order): boolean => purpose === 'entry';

const alertId = (order: Order): string => `amend:${order.orderId}`;
