import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type Desk, limitsOver, openOrders, positionOf } from '../../core/desk.ts';
import { entryPrice, gainSide, isGain } from '../../core/rules/priceSides.ts';
import type { World } from '../world.ts';

/** Whether the price has passed a target of this position, and the venue has no order that takes it, without a good reason. */
export function isTargetPassed(world: World, desk: Desk, accountId: string, symbol: string): boolean {
  const position = positionOf(desk, accountId, symbol);
  const instrument = world.market.instrument(symbol);
  const state = desk.accounts.get(accountId);
  if (position === undefined || state === undefined || instrument?.status !== 'trading') return false;
  if (state.account.status !== 'ready' || position.foreign === true || isLeaving(world, desk, position))
    return false;
  const isLatched =
    state.account.latch !== null || limitsOver(desk, state).some((l) => l.breaches.length > 0);
  if (position.botId === null && isLatched) return false;
  const { bid, ask } = world.market.quote(symbol);
  const at = position.direction === 'long' ? bid : ask;
  const isPassed = targetsOf(position, instrument.tickSize).some((price) =>
    isGain(position.direction, at, price),
  );
  if (!isPassed) return false;
  const orders = world.venue.books.get(accountId)?.account.state.orders ?? [];
  return !orders.some((order) => order.symbol === symbol && order.type === 'limit' && order.reduceOnly);
}

function targetsOf(position: Position, tick: Decimal): Decimal[] {
  const { takeProfitPrice, takeProfits, partialsTaken } = position.protection;
  if (position.botId === null) return takeProfitPrice === undefined ? [] : [takeProfitPrice];
  // Shares too small for an order of their own go with their neighbours: the last one is for all that is left.
  const last = takeProfits.at(-1);
  if (last === undefined || partialsTaken.includes(last.slot)) return [];
  return [gainSide(position.direction, entryPrice(position), last.atPct, tick)];
}

/** It is being closed, or refusals that a fault made have used its attempts up. */
function isLeaving(world: World, desk: Desk, position: Position): boolean {
  const { accountId, symbol, botId, protection } = position;
  const bot = botId === null ? undefined : desk.bots.get(botId);
  const { close } = protection;
  const isDue =
    close !== null && (close.why === 'manual' || world.market.stepTime + CLOCK_OFF_MS >= close.at);
  if (isDue || bot?.closing === true || bot?.state === 'stopping' || position.stop?.state === 'failed')
    return true;
  for (const { purpose } of openOrders(desk, accountId, symbol))
    if (purpose === 'entry' || purpose === 'close' || purpose === 'manual') return true;
  const isTold = desk.alerts.has(`take_profit:${accountId}:${symbol}`);
  if (!isTold) return false;
  const refusedAt = new Set<number>();
  for (const order of desk.orders.values()) {
    const isOfIt = order.accountId === accountId && order.symbol === symbol && order.reduceOnly;
    if (isOfIt && world.history.injected.has(order.orderId)) refusedAt.add(order.updatedAt);
  }
  return [...desk.exitFailures].some(
    ([key, { lastAt }]) => key.startsWith(`${accountId}:${symbol}:`) && refusedAt.has(lastAt),
  );
}

/** A process may see the market's clock off by this, market ms. */
const CLOCK_OFF_MS = 600_000;
