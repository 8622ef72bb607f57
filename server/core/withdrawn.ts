import { ENGINE } from '../../shared/domain/actor.ts';
import { because, type Cause } from '../../shared/domain/cause.ts';
import { eq, isZero } from '../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../shared/domain/order.ts';
import type { Context } from './context.ts';
import { type AccountState, type Desk, openOrders, positionOf } from './desk.ts';
import type { Effect } from './effects.ts';
import type { Input, InputOf } from './inputs.ts';
import { awaitsSettings } from './order/awaitsSettings.ts';
import { isOnlyStop } from './protection/onlyStop.ts';
import { symbolDenials } from './risk/symbolDenials.ts';
import { Turn } from './turn/turn.ts';

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;
type Withdrawal = Pick<InputOf<'OrderWithdrawn'>, 'why' | 'reason'>;

const unwanted = (reason: Cause): Withdrawal => ({ why: 'unwanted', reason });

const GONE = unwanted(because('position_gone', {}));

/**
 * What to put into the inbox instead of a write that is about to leave, asked when it is due and again after each wait:
 * much may have been decided since it was. Null: it may leave. Readings always may.
 */
export function withdrawn(desk: Desk, effect: Effect, context: Context): Input | null {
  switch (effect.type) {
    case 'PlaceOrder':
      return instead(effect.order, 'place', placing(desk, effect, context));
    case 'AmendOrder':
      return instead(effect.order, 'amend', amending(desk, effect, context));
    case 'CancelOrder':
      return instead(effect.order, 'cancel', cancelling(desk, effect.order));
    case 'ConfigureSymbol':
      return configuring(desk, effect, context);
    case 'OpenAccount': {
      const { accountId } = effect;
      const answer = { outcome: 'unknown', message: 'account_removed' } as const;
      return desk.accounts.has(accountId) ? null : { type: 'AccountOpened', accountId, answer };
    }
    default:
      return null;
  }
}

/**
 * What adds exposure is withdrawn from a desk that stands still, since nobody can ask whether it is still wanted; and so is
 * what is past its time.
 */
export function withdrawnAtRest(effect: Effect, context: Context): Input | null {
  if (effect.type !== 'PlaceOrder' && effect.type !== 'AmendOrder') return null;
  const { order, venue } = effect;
  const [action, notAfter] =
    effect.type === 'PlaceOrder'
      ? (['place', order.notAfter] as const)
      : (['amend', effect.notAfter] as const);
  if (!order.reduceOnly) return instead(order, action, unwanted(because('desk_stands_still', {})));
  return instead(order, action, late(context, venue, notAfter));
}

function instead(
  { orderId }: Order,
  action: 'place' | 'amend' | 'cancel',
  withdrawal: Withdrawal | null,
): Input | null {
  return withdrawal === null ? null : { type: 'OrderWithdrawn', orderId, action, ...withdrawal };
}

/** Past it the venue would refuse it, and whoever decided it counts it as given up; market ms. */
function late(context: Context, venue: string, notAfter: number | null): Withdrawal | null {
  if (notAfter === null || context.marketTime(venue) <= notAfter) return null;
  return { why: 'late', reason: because('too_late', {}) };
}

function placing(desk: Desk, { order, venue }: EffectOf<'PlaceOrder'>, context: Context): Withdrawal | null {
  const current = desk.orders.get(order.orderId);
  const state = desk.accounts.get(order.accountId);
  if (current === undefined || state === undefined) return unwanted(because('order_over', {}));
  if (current.status !== 'submitting') return unwanted(because('order_over', {}));
  if (current.cancelRequested) return unwanted(because('order_being_cancelled', {}));
  if (desk.outlived.has(current.orderId)) return GONE;
  const spoken = current.reduceOnly ? reducing(desk, current) : adding(desk, state, current, context);
  return spoken ?? late(context, venue, current.notAfter);
}

function amending(desk: Desk, effect: EffectOf<'AmendOrder'>, context: Context): Withdrawal | null {
  const { order, change, venue, notAfter } = effect;
  const current = desk.orders.get(order.orderId);
  const state = desk.accounts.get(order.accountId);
  if (current === undefined || state === undefined || !isOpen(current))
    return unwanted(because('order_over', {}));
  if (current.cancelRequested) return unwanted(because('order_being_cancelled', {}));
  if (current.purpose === 'stop') {
    const stop = positionOf(desk, order.accountId, order.symbol)?.stop;
    const isWanted = stop?.orderId === order.orderId && stop.state === 'replacing';
    if (!isWanted || (change.triggerPrice !== undefined && !eq(change.triggerPrice, stop.triggerPrice)))
      return unwanted(because('stop_wanted_elsewhere', {}));
  } else if (current.amending === undefined || current.amending.lostUntil !== undefined) {
    return unwanted(because('change_given_up', {}));
  }
  const spoken = current.reduceOnly ? reducing(desk, current) : adding(desk, state, current, context);
  return spoken ?? late(context, venue, notAfter);
}

/** What adds exposure needs everything that it needed when it was decided, but room within limits, which it takes up itself. */
function adding(desk: Desk, state: AccountState, order: Order, context: Context): Withdrawal | null {
  const { symbol, botId } = order;
  const bot = botId === null ? undefined : desk.bots.get(botId);
  if (botId !== null && bot === undefined) return unwanted(because('bot_deleted', {}));
  if (bot !== undefined && bot.state !== 'running')
    return unwanted(because('bot_not_running', { state: bot.state }));
  const [denial] = symbolDenials(new Turn(desk, context, ENGINE, 'leaving'), state, symbol, botId);
  if (denial !== undefined) return unwanted(because('denied', { limit: denial.limit }));
  const isBlind = context.quote(state.account.venue, symbol) === undefined;
  return isBlind ? unwanted(because('no_fresh_price', { symbol })) : null;
}

/** What reduces or protects needs the position that it was decided for. */
function reducing(desk: Desk, order: Order): Withdrawal | null {
  const position = positionOf(desk, order.accountId, order.symbol);
  const isThere =
    position !== undefined &&
    !isZero(position.size) &&
    (position.direction === 'long') === (order.side === 'sell') &&
    (order.botId === null || position.botId === order.botId);
  if (!isThere) return GONE;
  if (order.purpose !== 'stop') return null;
  const { stop } = position;
  if (stop === null) return unwanted(because('stop_not_wanted', {}));
  const rests = stop.orderId === null ? undefined : desk.orders.get(stop.orderId);
  const isCovered =
    stop.state === 'resting' && rests !== undefined && isOpen(rests) && !rests.cancelRequested;
  return isCovered && rests.orderId !== order.orderId ? unwanted(because('other_stop_rests', {})) : null;
}

function cancelling(desk: Desk, order: Order): Withdrawal | null {
  const current = desk.orders.get(order.orderId);
  if (current === undefined || !isOpen(current)) return unwanted(because('order_over', {}));
  if (!current.cancelRequested) return unwanted(because('order_stays', {}));
  return isOnlyStop(desk, current) ? unwanted(because('only_stop', {})) : null;
}

/** Settings are wanted by orders by hand that wait for them, and by bots that start. */
function configuring(desk: Desk, effect: EffectOf<'ConfigureSymbol'>, context: Context): Input | null {
  const { accountId, symbol, leverage, marginMode, venue } = effect;
  const isSame = (other: { leverage: number; marginMode: string }): boolean =>
    other.leverage === leverage && other.marginMode === marginMode;
  const account = desk.accounts.get(accountId)?.account;
  if (account !== undefined) {
    for (const bot of desk.bots.values()) {
      const isTheirs = bot.accountId === accountId && bot.symbol === symbol;
      if (isTheirs && bot.state === 'starting' && isSame(bot)) return null;
    }
    for (const order of openOrders(desk, accountId, symbol)) {
      const waits = awaitsSettings(order) && !order.cancelRequested && isSame(account);
      if (waits && late(context, venue, order.notAfter) === null) return null;
    }
  }
  const answer = { outcome: 'unknown', message: 'not_sent' } as const;
  return { type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer };
}
