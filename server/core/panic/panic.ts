import { because } from '../../../shared/domain/cause.ts';
import { ZERO } from '../../../shared/domain/decimal.ts';
import { isPanicOrder, type PanicClose, type PanicRecord } from '../../../shared/domain/panic.ts';
import type { VenueFill } from '../../ports/venue.ts';
import { haltBot } from '../botState/botState.ts';
import { type AccountState, isActive, positionOf } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { addOrder } from '../order/writeOrder.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/** Of a close that `npm run panic` sent. */
export const PANIC_SLOT = 'panic';

/**
 * Takes over what `npm run panic` did at the venue while we could not act: its closes become orders of ours, so that
 * their fills are known for what they are, and entries are latched until somebody has looked. Given twice it changes
 * nothing more.
 */
export function panicFound(turn: Turn, state: AccountState, { panic }: InputOf<'PanicFound'>): void {
  for (const close of panic.closes) adoptClose(turn, state, close, 'unknown');
  latch(turn, state, panic.finished);
}

/**
 * A fill of a close that the journal has not told of yet, or not to us: known by the form of its id. Answers whether it
 * is one.
 */
export function adoptPanicFill(turn: Turn, state: AccountState, seen: VenueFill): boolean {
  const { clientOrderId, symbol, side, size, ts } = seen;
  if (!isPanicOrder(clientOrderId) || turn.desk.orders.has(clientOrderId)) return false;
  adoptClose(turn, state, { clientOrderId, symbol, side, size, ts }, 'open', seen.venueOrderId);
  latch(turn, state, null);
  return true;
}

function adoptClose(
  turn: Turn,
  state: AccountState,
  close: PanicClose,
  status: 'unknown' | 'open',
  venueOrderId: string | null = null,
): void {
  const { clientOrderId, symbol, side, size } = close;
  const { accountId } = state.account;
  if (turn.desk.orders.has(clientOrderId)) return;
  addOrder(turn, {
    orderId: clientOrderId,
    venueOrderId,
    accountId,
    botId: positionOf(turn.desk, accountId, symbol)?.botId ?? null,
    symbol,
    side,
    type: 'market',
    purpose: 'close',
    slot: PANIC_SLOT,
    size,
    price: null,
    triggerPrice: null,
    triggerBy: null,
    timeInForce: 'ioc',
    reduceOnly: true,
    attachedStop: null,
    status,
    cancelRequested: false,
    unanswered: false,
    shownAt: null,
    filledSize: ZERO,
    filledNotional: ZERO,
    feePaid: ZERO,
    reason: because('by_panic', {}),
    notAfter: null,
    createdAt: turn.wallTime,
    updatedAt: turn.wallTime,
  });
}

/** As after an emergency stop: nothing enters until it is released. */
function latch(turn: Turn, state: AccountState, finished: PanicRecord['finished']): void {
  const { account } = state;
  if (account.latch === null) {
    const latch = { reason: 'panic' as const, since: turn.wallTime };
    turn.emit('AccountChanged', { account: { ...account, latch, version: account.version + 1 } });
  }
  for (const bot of [...turn.desk.bots.values()]) {
    if (bot.accountId === account.accountId && isActive(bot))
      haltBot(turn, bot.botId, { code: 'panic', figures: {} }, false);
  }
  raiseAlert(turn, {
    alertId: `panic:${account.accountId}`,
    severity: 'critical',
    code: 'panic',
    figures: { account: account.name, end: endOf(finished) },
    accountId: account.accountId,
  });
}

function endOf(finished: PanicRecord['finished']) {
  if (finished === null) return 'cut_off';
  return finished.flat ? 'flat' : 'left';
}
