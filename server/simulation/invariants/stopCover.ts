import {
  add,
  dec,
  eq,
  gt,
  gte,
  lte,
  max,
  mul,
  roundToStep,
  sub,
  sum,
} from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { KeptOrder } from '../../adapters/simulated/account/state.ts';
import { type Desk, openOrders, symbolKey } from '../../core/desk.ts';
import { InvariantBroken } from '../broken.ts';
import type { World } from '../world.ts';

/**
 * Stops of a bot's position that do not cover it, or more than what the venue's step and minimum, which may have
 * changed, make of it. A position without any is another check's.
 */
export function wrongStop(world: World, desk: Desk, held: Position, live: readonly KeptOrder[]): string[] {
  if (held.botId === null || !world.setup.profile.capabilities.sizedStop) return [];
  const known = [...openOrders(desk, held.accountId, held.symbol)];
  // Placed elsewhere, whether its owner has adopted it since or not.
  const elsewhere = known.filter((order) => order.foreign === true || order.purpose === 'manual');
  const foreign = new Set(elsewhere.map((order) => order.venueOrderId));
  const stops = live.filter(
    ({ symbol, type, venueOrderId }) =>
      symbol === held.symbol && type === 'stop_market' && !foreign.has(venueOrderId),
  );
  const covered = sum(stops.map((order) => order.size));
  const instrument = world.process?.context.instrument(world.setup.venue, held.symbol);
  const least =
    instrument === undefined
      ? held.size
      : roundToStep(max(held.size, instrument.minSize), instrument.sizeStep, 'up');
  if (stops.length === 0 || eq(covered, held.size) || eq(covered, least)) return [];
  // A stop that came with an entry which still works is as large as that is to become.
  const mayGrow = [...openOrders(desk, held.accountId, held.symbol)].some(
    ({ attachedStop, reduceOnly, side, botId }) =>
      attachedStop !== null &&
      !reduceOnly &&
      botId === held.botId &&
      (side === 'buy') === (held.direction === 'long'),
  );
  if (mayGrow && gte(covered, least)) return [];
  return [`INV-6: stops for ${covered} of ${held.size} ${held.symbol}`];
}

/** A bot's stop that risks more, from what the position was really opened at, than its plan. Every venue here can move one. */
export function beyondPlan(world: World, desk: Desk, held: Position): string[] {
  const { botId, stop, protection, direction, openedCost, openedSize } = held;
  const pct = botId === null ? undefined : desk.bots.get(botId)?.plan?.stopLossPct;
  // Moved by hand.
  if (pct === undefined || protection.stopLossPct === null || stop?.state !== 'resting') return [];
  if ([...openOrders(desk, held.accountId, held.symbol)].some((order) => !order.reduceOnly)) return [];
  const tick = world.process?.context.instrument(world.setup.venue, held.symbol)?.tickSize;
  if (tick === undefined) return [];
  const risked =
    direction === 'long'
      ? sub(openedCost, mul(stop.triggerPrice, openedSize))
      : sub(mul(stop.triggerPrice, openedSize), openedCost);
  const allowed = add(mul(openedCost, mul(pct, dec('0.01'))), mul(tick, mul(openedSize, dec('0.001'))));
  if (!gt(risked, allowed)) return [];
  return [
    `PLAN: the stop at ${stop.triggerPrice} risks ${risked} of ${openedCost} ${held.symbol}, the plan ${pct} %`,
  ];
}

/** A stop that would fire only once the venue has liquidated its position, by what the venue makes of it now. */
function behindLiquidation(world: World, held: Position): string[] {
  const { accountId, symbol, direction, stop } = held;
  if (held.foreign === true || stop?.state !== 'resting') return [];
  const theirs = world.venue.read(accountId).positions.find((position) => position.symbol === symbol);
  if (theirs?.liquidationPrice == null || theirs.direction !== direction) return [];
  const isBehind = (direction === 'long' ? lte : gte)(stop.triggerPrice, theirs.liquidationPrice);
  return isBehind
    ? [
        `BEHIND: the stop of ${direction} ${symbol} at ${stop.triggerPrice}, liquidated at ${theirs.liquidationPrice}`,
      ]
    : [];
}

/** How long a stop may lie behind the liquidation unmentioned, world ms: until the next reading and the one after, where one fails. */
const BEHIND_LIMIT_MS = 75_000;
/** How long a stop of a wrong size may go unmentioned while everything works, world ms. */
const UNTOLD_LIMIT_MS = 20_000;
/** How long it may rest beyond its plan, once the entry is over and no move of it is under way. */
const BEYOND_PLAN_LIMIT_MS = 10_000;

/**
 * A stop that keeps a size which its position no longer has, or risks more than its plan, is put right, or said to be
 * wrong, within a bounded time.
 */
export function checkCover(world: World, elapsed: number): void {
  const { wrongStopMs, beyondPlanMs, behindMs } = world.history;
  for (const deskId of world.log.deskIds()) {
    const desk = world.log.committed(deskId)?.desk;
    if (desk === undefined) continue;
    forgetEnded(world, desk);
    for (const held of desk.positions.values()) {
      const key = symbolKey(held.accountId, held.symbol);
      const live = world.venue.books.get(held.accountId)?.account.state.orders ?? [];
      const isLiquidationTold = desk.alerts.has(`liquidation:${key}`);
      const isTold = desk.alerts.has(`stop:${key}`) || desk.alerts.has(`stop_differs:${key}`);
      const outlasts = (
        lapses: Map<string, number>,
        limitMs: number,
        [wrong]: string[],
        isSaid = isTold,
      ): void => {
        const lastedMs = wrong === undefined || isSaid ? 0 : (lapses.get(key) ?? 0) + elapsed;
        lapses.set(key, lastedMs);
        const [invariant = '', ...rest] = wrong?.split(': ') ?? [];
        if (lastedMs > limitMs)
          throw new InvariantBroken(
            invariant,
            `${rest.join(': ')}, for ${lastedMs.toFixed(0)} ms, and nobody is told`,
          );
      };
      outlasts(wrongStopMs, UNTOLD_LIMIT_MS, wrongStop(world, desk, held, live));
      outlasts(behindMs, BEHIND_LIMIT_MS, behindLiquidation(world, held), isLiquidationTold);
      outlasts(beyondPlanMs, BEYOND_PLAN_LIMIT_MS, beyondPlan(world, desk, held));
    }
  }
}

/** How long one position's stop was wrong says nothing of the next one's. */
function forgetEnded(world: World, desk: Desk): void {
  const { wrongStopMs, beyondPlanMs, behindMs } = world.history;
  const held = new Set([...desk.positions.values()].map((one) => symbolKey(one.accountId, one.symbol)));
  for (const lapses of [wrongStopMs, beyondPlanMs, behindMs])
    for (const key of lapses.keys())
      if (!held.has(key) && desk.accounts.has(key.slice(0, key.indexOf(':')))) lapses.delete(key);
}
