import { isZero, min, roundToStep } from '../../../shared/domain/decimal.ts';
import { type AccountState, openOrders, positionOf, symbolKey } from '../desk.ts';
import type { Turn } from '../turn.ts';
import { mayLoseStop, requestCancel, submitOrder } from './submit.ts';

/** How long a close waits for cancels, wall ms: some venues count resting exits against what may be closed. */
const CANCEL_GRACE_MS = 2_000;

/** Why a close is sent; kept as the order's slot. */
export type CloseReason = 'bot_stop' | 'emergency' | 'limit' | 'manual' | 'time' | 'stop_failed';

/**
 * One step of bringing (account, symbol) to flat: cancel what is not a stop, close reduce-only, then cancel the stops.
 * Safe to call at any time; `flat` only when nothing of ours is open there, as far as we know. The venue has the last word.
 * `owner`: the bot that is brought to flat.
 */
export function flatten(
  turn: Turn,
  state: AccountState,
  symbol: string,
  reason: CloseReason,
  owner: string | null = positionOf(turn.desk, state.account.accountId, symbol)?.botId ?? null,
): 'flat' | 'busy' {
  const { accountId, venue } = state.account;
  // Exits, and the entries of whose exposure it is; another's entries stay, but in an emergency.
  const concerned = () =>
    [...openOrders(turn.desk, accountId, symbol)].filter(
      (order) =>
        order.reduceOnly || reason === 'emergency' || (order.botId !== null && order.botId === owner),
    );
  for (const order of concerned()) {
    if (order.purpose !== 'stop' && order.purpose !== 'close') requestCancel(turn, state, order);
  }
  const position = positionOf(turn.desk, accountId, symbol);
  if (position !== undefined && !isZero(position.size)) {
    const others = concerned().filter((order) => order.purpose !== 'stop');
    if (others.some((order) => order.purpose === 'close')) return 'busy';
    if (others.some((order) => turn.wallTime - order.updatedAt < CANCEL_GRACE_MS)) return 'busy';
    const failures = turn.desk.closeFailures.get(symbolKey(accountId, symbol));
    if (failures !== undefined && turn.wallTime - failures.lastAt < turn.context.settings.closeRetryMs)
      return 'busy';
    const instrument = turn.context.instrument(venue, symbol);
    const slice = instrument === undefined ? position.size : min(position.size, instrument.maxMarketSize);
    submitOrder(turn, state, {
      orderId: turn.id('close', accountId, symbol, turn.desk.seq),
      botId: position.botId,
      symbol,
      side: position.direction === 'long' ? 'sell' : 'buy',
      type: 'market',
      purpose: 'close',
      slot: reason,
      size:
        instrument === undefined || slice === position.size
          ? slice
          : roundToStep(slice, instrument.sizeStep, 'down'),
      price: null,
      triggerPrice: null,
      timeInForce: 'ioc',
      reduceOnly: true,
      attachedStop: null,
    });
    return 'busy';
  }
  const working = [...openOrders(turn.desk, accountId, symbol)];
  for (const order of concerned()) {
    if (order.purpose === 'stop' && mayLoseStop(state, order, working)) requestCancel(turn, state, order);
  }
  return concerned().length === 0 ? 'flat' : 'busy';
}
