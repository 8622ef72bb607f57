import { type Decimal, dec, gt, gte, isPositive, lte, mul, ZERO } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import { pauseForClose } from '../botState/pauseForClose.ts';
import type { Command, OrderRequest } from '../commands.ts';
import { type AccountState, claimant, openOrders, positionOf, type SymbolSettings } from '../desk.ts';
import { requestAmend } from '../order/amend.ts';
import { settingsByHand } from '../order/awaitsSettings.ts';
import { MAX_SLICES, slicesOf } from '../order/flatten.ts';
import { requestCancel, submitOrder } from '../order/submit.ts';
import { askForClose, isCloseDue } from '../protection/closeDue.ts';
import { guardPosition } from '../protection/guardPosition.ts';
import { canMoveStop, placeStop } from '../protection/sendStop.ts';
import { isSound } from '../protection/stopFault.ts';
import { checkOrder } from '../risk/checkOrder.ts';
import { checkStopOfPosition } from '../risk/checkProtection.ts';
import type { OrderProposal } from '../risk/proposal.ts';
import { badRequest, denial, denied, notFound, type Refusal } from '../rules/refusal.ts';
import { settleSymbol } from '../settle/settleSymbol.ts';
import type { Turn } from '../turn/turn.ts';
import { noSuchAccount } from './accounts.ts';
import { noPosition } from './noPosition.ts';
import { type CommandOutcome, done, refused } from './reply.ts';
import { amendTakeProfit, dropTakeProfit, isTakeProfitByHand } from './takeProfitByHand.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** A manual order as the risk check sees it. */
export function proposalOf(settings: SymbolSettings, request: OrderRequest): OrderProposal {
  const { leverage, marginMode } = settings;
  const { symbol, side, type, size, price, reduceOnly, stopPrice, takeProfitPrice } = request;
  return {
    symbol,
    side,
    type,
    size,
    price,
    reduceOnly,
    stopPrice,
    takeProfitPrice,
    leverage,
    marginMode,
    botId: null,
  };
}

/** What is wrong with a request whatever the limits are; undefined: nothing. */
export function requestProblem(turn: Turn, state: AccountState, request: OrderRequest): Refusal | undefined {
  if (request.type === 'market' && request.price !== null)
    return badRequest('args.price', 'a market order takes no price; use type limit');
  const attaches = turn.context.venue(state.account.venue)?.capabilities.attachedStop === true;
  if (request.stopPrice !== null && !attaches && request.type === 'limit')
    return badRequest(
      'args.protection.stopPrice',
      'this venue attaches no stops: only market orders can carry one',
    );
  return undefined;
}

export function submitByHand(turn: Turn, request: OrderRequest): CommandOutcome {
  const state = turn.desk.accounts.get(request.accountId);
  if (state === undefined) return noSuchAccount(request.accountId);
  const problem = requestProblem(turn, state, request);
  if (problem !== undefined) return refused(problem);
  const { toConfirm, ...settings } = settingsByHand(turn.desk, state, request.symbol);
  const check = checkOrder(turn, state, proposalOf(settings, request));
  if (check.denials.length > 0) return refused(denied(check.denials));
  const orderId = turn.id('hand', request.accountId, request.symbol, turn.desk.seq);
  submitOrder(turn, state, {
    orderId,
    botId: null,
    symbol: request.symbol,
    side: request.side,
    type: request.type,
    purpose: 'manual',
    slot: '',
    size: request.size,
    price: request.price,
    triggerPrice: null,
    timeInForce: request.type === 'market' ? 'ioc' : request.timeInForce,
    reduceOnly: request.reduceOnly,
    attachedStop: request.stopPrice === null ? null : { triggerPrice: request.stopPrice, triggerBy: 'mark' },
    ...(request.takeProfitPrice === null ? null : { takeProfitPrice: request.takeProfitPrice }),
    ...(toConfirm && !request.reduceOnly ? { settings } : null),
  });
  return done({ orderId });
}

function workingOrder(turn: Turn, orderId: string): { order: Order; state: AccountState } | undefined {
  const order = turn.desk.orders.get(orderId);
  const state = order === undefined ? undefined : turn.desk.accounts.get(order.accountId);
  return order === undefined || state === undefined ? undefined : { order, state };
}

const noOrder = (orderId: string): Refusal =>
  notFound(`there is no order ${orderId}`, { what: 'order', id: orderId });

export function amendByHand(turn: Turn, command: Of<'AmendOrder'>): CommandOutcome {
  const found = workingOrder(turn, command.orderId);
  if (found === undefined) return refused(noOrder(command.orderId));
  const { order, state } = found;
  if (isTakeProfitByHand(order)) return amendTakeProfit(turn, order, command);
  if (order.type !== 'limit' || !isOpen(order) || order.venueOrderId === null || order.purpose !== 'manual') {
    return refused(
      badRequest(
        'args.orderId',
        `only a working limit order placed by hand can be amended; it is ${order.status}`,
      ),
    );
  }
  // One at a time: of two on their way nobody could tell which the venue made last.
  if (order.amending !== undefined) {
    const { size, price } = order.amending;
    return refused(denied([denial('amend_under_way', { size, price: price ?? ZERO })]));
  }
  const price = command.price ?? order.price;
  const size = command.size ?? order.size;
  if (lte(size, order.filledSize)) {
    const problem = `size ${size} must be above what is filled already, ${order.filledSize}`;
    return refused(badRequest('args.size', problem, [`above ${order.filledSize}`]));
  }
  const proposal = proposalOf(settingsByHand(turn.desk, state, order.symbol), {
    ...order,
    type: 'limit',
    price,
    size,
    stopPrice: order.attachedStop?.triggerPrice ?? null,
    takeProfitPrice: order.takeProfitPrice ?? null,
  });
  const check = checkOrder(turn, state, { ...proposal, replaces: order });
  if (check.denials.length > 0) return refused(denied(check.denials));
  const change = {
    ...(command.price === undefined ? {} : { price: command.price }),
    ...(command.size === undefined ? {} : { size: command.size }),
  };
  if (Object.keys(change).length === 0)
    return refused(badRequest('args', 'name a price, a size or both', ['price', 'size']));
  // It is so already: moved for nothing it would lose its place in the queue.
  if (price === order.price && size === order.size) return done();
  requestAmend(turn, state, order, change);
  return done();
}

/** Whether it is the stop of a position, or the last one there of a position that is closed because no other could be had. */
function isLastStop(turn: Turn, order: Order): boolean {
  const { accountId, symbol, orderId, botId } = order;
  const held = positionOf(turn.desk, accountId, symbol);
  if (held?.stop == null || order.purpose !== 'stop') return false;
  if (held.stop.orderId === orderId) return true;
  const closes = (order.side === 'sell') === (held.direction === 'long');
  if (order.foreign === true || order.cancelRequested || held.botId !== botId || !closes) return false;
  return ![...openOrders(turn.desk, accountId, symbol)].some(
    (other) => other.orderId !== orderId && isSound(held, other),
  );
}

export function cancelByHand(turn: Turn, orderId: string): CommandOutcome {
  const found = workingOrder(turn, orderId);
  if (found === undefined) return refused(noOrder(orderId));
  if (!isOpen(found.order)) return done();
  if (isLastStop(turn, found.order)) {
    const message =
      'this stop protects an open position: move it with positions.setStop, or close the position';
    return refused(badRequest('args.orderId', message));
  }
  const held = positionOf(turn.desk, found.order.accountId, found.order.symbol);
  if (isTakeProfitByHand(found.order) && held !== undefined) dropTakeProfit(turn, found.state, held);
  requestCancel(turn, found.state, turn.desk.orders.get(orderId) ?? found.order);
  return done();
}

function heldPosition(turn: Turn, accountId: string, symbol: string) {
  const state = turn.desk.accounts.get(accountId);
  const position = positionOf(turn.desk, accountId, symbol);
  return state === undefined || position === undefined ? undefined : { state, position };
}

export function closePosition(turn: Turn, accountId: string, symbol: string): CommandOutcome {
  const held = heldPosition(turn, accountId, symbol);
  if (held === undefined) return refused(noPosition(accountId, symbol));
  const owner = claimant(turn.desk, accountId, symbol);
  if (owner !== undefined) pauseForClose(turn, owner);
  const { position } = held;
  if (!isCloseDue(turn, position)) askForClose(turn, position);
  settleSymbol(turn, held.state, symbol);
  return done(owner === undefined ? {} : { claimedBy: owner.botId });
}

export function reducePosition(turn: Turn, command: Of<'ReducePosition'>): CommandOutcome {
  const held = heldPosition(turn, command.accountId, command.symbol);
  if (held === undefined) return refused(noPosition(command.accountId, command.symbol));
  const { state, position } = held;
  // To take all of it is to close it, whatever it was called.
  if (gte(command.size, position.size)) {
    const outcome = closePosition(turn, command.accountId, command.symbol);
    return outcome.ok ? done({ ...outcome.result, closes: true }) : outcome;
  }
  const side = position.direction === 'long' ? 'sell' : 'buy';
  const instrument = turn.context.instrument(state.account.venue, command.symbol);
  // What is not above zero has no slices: it goes to the check whole, which says so.
  const isSliced = instrument !== undefined && isPositive(command.size);
  const slices = isSliced ? slicesOf(command.size, instrument) : [command.size];
  const most = instrument === undefined ? null : mul(instrument.maxMarketSize, dec(String(MAX_SLICES)));
  if (most !== null && gt(command.size, most)) {
    return refused(denied([denial('size_maximum', { actual: command.size, allowed: most })]));
  }
  const proposal = {
    ...proposalOf(settingsByHand(turn.desk, state, command.symbol), {
      accountId: command.accountId,
      symbol: command.symbol,
      side,
      type: 'market',
      size: command.size,
      price: null,
      timeInForce: 'ioc',
      reduceOnly: true,
      stopPrice: null,
      takeProfitPrice: null,
    }),
  };
  // All of it or nothing: none leaves before each was checked.
  for (const size of slices) {
    const { denials } = checkOrder(turn, state, { ...proposal, size });
    if (denials.length > 0) return refused(denied(denials));
  }
  for (const size of slices) {
    submitOrder(turn, state, {
      orderId: turn.id('reduce', command.accountId, command.symbol, turn.desk.seq),
      botId: position.botId,
      symbol: command.symbol,
      side,
      type: 'market',
      purpose: 'manual',
      slot: '',
      size,
      price: null,
      triggerPrice: null,
      timeInForce: 'ioc',
      reduceOnly: true,
      attachedStop: null,
    });
  }
  return done({ closes: false });
}

export function setStopByHand(
  turn: Turn,
  accountId: string,
  symbol: string,
  triggerPrice: Decimal,
): CommandOutcome {
  const held = heldPosition(turn, accountId, symbol);
  if (held === undefined) return refused(noPosition(accountId, symbol));
  const { state, position } = held;
  const instrument = turn.context.instrument(state.account.venue, symbol);
  const quote = turn.context.quote(state.account.venue, symbol);
  if (instrument === undefined || quote === undefined) {
    return refused(denied([denial('fresh_price', { symbol })]));
  }
  const denials = checkStopOfPosition(turn, state, { instrument, mark: quote.mark }, position, triggerPrice);
  if (denials.length > 0) return refused(denied(denials));
  // Its owner's word: where the plan would put it counts no longer.
  const protection = { ...position.protection, stopLossPct: null };
  if (position.stop === null || position.stop.state === 'none' || position.stop.state === 'failed') {
    const slot = position.botId === null ? 'stop_by_hand' : 'stop';
    placeStop(turn, state, { ...position, protection, foreign: false }, triggerPrice, slot);
    return done();
  }
  const { stop } = position;
  // It rests there already, and no plan would move it.
  if (
    stop.state === 'resting' &&
    stop.triggerPrice === triggerPrice &&
    position.protection.stopLossPct === null
  )
    return done();
  const facts = turn.context.venue(state.account.venue);
  if (facts === undefined || !canMoveStop(facts)) {
    const message = `this venue cannot move a stop without taking it away first; it rests at ${position.stop.triggerPrice}`;
    return refused(badRequest('args.triggerPrice', message, [position.stop.triggerPrice]));
  }
  turn.emit('PositionChanged', {
    position: { ...position, protection, stop: { ...position.stop, triggerPrice }, updatedAt: turn.wallTime },
    trade: null,
  });
  guardPosition(turn, state, symbol);
  return done();
}
