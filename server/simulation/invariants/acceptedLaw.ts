import {
  add,
  type Decimal,
  gt,
  gte,
  isPositive,
  lte,
  max,
  min,
  mul,
  sub,
  sum,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Order, Side } from '../../../shared/domain/order.ts';
import { liquidationPrice } from '../../adapters/simulated/account/margin.ts';
import { emptyAccount } from '../../adapters/simulated/account/state.ts';
import type { Decision } from '../../core/decide.ts';
import {
  type AccountState,
  type Desk,
  limitsOver,
  openOrders,
  positionOf,
  type SymbolSettings,
  symbolKey,
} from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import { settingsByHand } from '../../core/order/awaitsSettings.ts';
import { InvariantBroken } from '../broken.ts';
import type { World } from '../world.ts';

/**
 * Judged without the checks of the core, by the desk as it is once they let it pass: what may come of what was accepted
 * keeps to the limits in force, and the stop that is to guard it lies before where the venue would liquidate it.
 */
export function checkAccepted(world: World, desk: Desk, input: Input, decision: Decision): void {
  for (const order of acceptedBy(desk, input, decision)) {
    const state = desk.accounts.get(order.accountId);
    if (state === undefined || !isPositive(beyondFlat(desk, order.accountId, order.symbol, order.side).size))
      continue;
    checkExposure(world, desk, state, order);
    checkStop(world, desk, state, order);
  }
  if (input.type === 'Command' && input.command.type === 'SetStop' && decision.outcome?.ok === true) {
    const { accountId, symbol, triggerPrice } = input.command;
    checkStopSet(world, desk, accountId, symbol, triggerPrice);
  }
}

/** What this decision sends, or sends a change of, that may add exposure. */
function acceptedBy(desk: Desk, input: Input, { events, outcome }: Decision): Order[] {
  const found = events.flatMap((event) =>
    event.kind === 'OrderSubmitted' && event.data.order.venueOrderId === null ? event.data.order : [],
  );
  if (input.type === 'Command' && input.command.type === 'AmendOrder' && outcome?.ok === true) {
    const order = desk.orders.get(input.command.orderId);
    if (order?.amending !== undefined) found.push(order);
  }
  return found.filter(({ reduceOnly }) => !reduceOnly);
}

/** At its largest, as it is or as it was asked to become. */
const leftOf = ({ size, filledSize, amending }: Order): Decimal =>
  sub(max(size, amending?.size ?? size), filledSize);

/** What the working entries of one side may open beyond flat, and what that is worth at the least. */
function beyondFlat(
  desk: Desk,
  accountId: string,
  symbol: string,
  side: Side,
  atMarket: Decimal = ZERO,
): { size: Decimal; value: Decimal } {
  const orders = [...openOrders(desk, accountId, symbol)].filter(
    (order) => !order.reduceOnly && order.side === side,
  );
  const size = sum(orders.map(leftOf));
  const held = positionOf(desk, accountId, symbol);
  const prices = orders.map(({ price }) => price ?? atMarket);
  if (held === undefined || isOf(side, held.direction))
    return { size, value: sum(orders.map((order, at) => mul(leftOf(order), prices[at] ?? ZERO))) };
  const beyond = max(sub(size, held.size), ZERO);
  const [first = ZERO, ...others] = prices;
  return { size: beyond, value: mul(beyond, others.reduce(min, first)) };
}

const isOf = (side: Side, direction: 'long' | 'short'): boolean =>
  (side === 'buy') === (direction === 'long');

/** Positions at their cost, and of each symbol the side that may become the larger one. */
function checkExposure(world: World, desk: Desk, state: AccountState, order: Order): void {
  for (const { values, book, accountId } of limitsOver(desk, state)) {
    const allowed = values.maxTotalNotional;
    if (allowed === null) continue;
    const accounts = [...desk.accounts.values()].filter(({ account }) =>
      book === undefined ? account === state.account : account.book === book,
    );
    const total = sum(accounts.map((one) => reachOf(world, desk, one, order)));
    if (gt(total, allowed))
      throw new InvariantBroken(
        'EXPOSURE',
        `${order.side} ${leftOf(order)} ${order.symbol} is accepted: ${total} may come of it, ${allowed} of ${accountId} is allowed`,
      );
  }
}

function reachOf(world: World, desk: Desk, { account }: AccountState, accepted: Order): Decimal {
  const { accountId } = account;
  const own = [...desk.positions.values()].filter((position) => position.accountId === accountId);
  const symbols = new Set([...own, ...openOrders(desk, accountId)].map(({ symbol }) => symbol));
  const reach = (symbol: string, side: Side): Decimal => {
    const held = positionOf(desk, accountId, symbol);
    const { bid, mark } = world.market.quote(symbol);
    const open = held !== undefined && isOf(side, held.direction) ? held.cost : ZERO;
    return add(open, beyondFlat(desk, accountId, symbol, side, min(bid, mark)).value);
  };
  const isAccepted = (symbol: string): boolean =>
    symbolKey(accountId, symbol) === symbolKey(accepted.accountId, accepted.symbol);
  return sum(
    [...symbols].map((symbol) =>
      isAccepted(symbol) ? reach(symbol, accepted.side) : max(reach(symbol, 'buy'), reach(symbol, 'sell')),
    ),
  );
}

/** The order fills whole, all else standing still. */
function checkStop(world: World, desk: Desk, state: AccountState, order: Order): void {
  const { accountId, symbol, side, botId, amending } = order;
  const direction = side === 'buy' ? 'long' : 'short';
  const held = positionOf(desk, accountId, symbol);
  const same = held?.direction === direction ? held : undefined;
  const stop = same?.stop?.triggerPrice ?? order.attachedStop?.triggerPrice;
  const added = sub(leftOf(order), held === undefined || held === same ? ZERO : held.size);
  if (stop === undefined || !isPositive(added)) return;
  const { ask, bid } = world.market.quote(symbol);
  const price = amending?.price ?? order.price ?? (side === 'buy' ? ask : bid);
  const bot = botId === null ? undefined : desk.bots.get(botId);
  mustLieBefore(world, accountId, stop, bot ?? settingsByHand(desk, state, symbol), {
    symbol,
    direction,
    size: add(same?.size ?? ZERO, added),
    cost: add(same?.cost ?? ZERO, mul(added, price)),
  });
}

/** As the position is, and as it is once all working entries of its side have filled. */
function checkStopSet(world: World, desk: Desk, accountId: string, symbol: string, stop: Decimal): void {
  const held = positionOf(desk, accountId, symbol);
  if (held === undefined) return;
  mustLieBefore(world, accountId, stop, held, held);
  const coming = beyondFlat(desk, accountId, symbol, held.direction === 'long' ? 'buy' : 'sell');
  const grown = { ...held, size: add(held.size, coming.size), cost: add(held.cost, coming.value) };
  // What comes at the market has no price yet.
  if ([...openOrders(desk, accountId, symbol)].every(({ price, reduceOnly }) => reduceOnly || price !== null))
    mustLieBefore(world, accountId, stop, held, grown);
}

interface Outcome {
  symbol: string;
  direction: 'long' | 'short';
  size: Decimal;
  cost: Decimal;
}

function mustLieBefore(
  world: World,
  accountId: string,
  stop: Decimal,
  { leverage, marginMode }: SymbolSettings,
  { symbol, direction, size, cost }: Outcome,
): void {
  // Of a cross position only the whole account tells.
  if (marginMode === 'cross') return;
  const venueAccount = { ...emptyAccount(accountId, 1), config: { [symbol]: { leverage, marginMode } } };
  const liquidation = liquidationPrice(venueAccount, world.market, { symbol, direction, size, cost });
  if (liquidation === null) return;
  if (direction === 'long' ? lte(stop, liquidation) : gte(stop, liquidation))
    throw new InvariantBroken(
      'INV-6',
      `the stop ${stop} is to guard ${direction} ${size} ${symbol} at ${leverage}x, liquidated at ${liquidation}`,
    );
}
