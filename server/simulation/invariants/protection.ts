import { add, type Decimal, lt, ZERO } from '../../../shared/domain/decimal.ts';
import { DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import { newDesk, openOrders, positionOf } from '../../core/desk.ts';
import { InvariantBroken } from '../broken.ts';
import type { Lapse } from '../history.ts';
import type { Books } from '../venueModel.ts';
import type { World } from '../world.ts';
import { checkCover } from './stopCover.ts';
import { isTargetPassed } from './targets.ts';

/** Between looks, world ms. */
const LOOK_EVERY_MS = 250;
/** How long a bot's position may be without a stop while everything works, world ms: a look or two, and an answer lost. */
const NAKED_LIMIT_MS = 35_000;
/** And for each time that a fault thwarted a stop or a close: until that is known, looked into, and tried again. */
const SETBACK_MS = 10_000;
/** And of the time after everything has worked for so long, world ms: no answer is lost then. */
const CALM_AFTER_MS = 30_000;
const CALM_NAKED_LIMIT_MS = 15_000;

/** How long a position may outlive its time while everything works, world ms: a look or two, and an answer lost, as well. */
const OVERDUE_LIMIT_MS = 35_000;
const CALM_OVERDUE_LIMIT_MS = 8_000;
/** A process may see the market's clock off by this, market ms. */
const CLOCK_OFF_MS = 600_000;
const NO_DESK = newDesk('');

/** A bot's filled position has a stop resting at the venue, or is being closed, within a bounded time. */
export function checkProtection(world: World): void {
  const { history } = world;
  const elapsed = world.now - history.nakedCheckedAt;
  if (elapsed < LOOK_EVERY_MS) return;
  history.nakedCheckedAt = world.now;
  const isActing = world.process?.isPaused === false && !world.process.isDatabaseCut;
  const works = isActing && world.line.isHealthy && !world.feedIsDown;
  // A server that is back only now has the last faults still to deal with.
  history.calmMs = world.isCalm && works && !world.line.isBlind ? history.calmMs + elapsed : 0;
  if (works && !world.line.isBlind) checkCover(world, elapsed);
  for (const [accountId, books] of world.venue.books) {
    for (const symbol of world.market.instruments.keys()) {
      const key = `${accountId}:${symbol}`;
      if (works) {
        checkTime(world, accountId, symbol, elapsed);
        checkTold(world, accountId, symbol, elapsed);
        checkTarget(world, accountId, symbol, elapsed);
      }
      if (!isNaked(world, accountId, books, symbol)) {
        history.nakedMs.delete(key);
        continue;
      }
      // Blind, it cannot be known to every desk: what is, is seen to all the same.
      const isSeen = !world.line.isBlind || isKnownNaked(world, accountId, symbol);
      const naked = lasting(world, history.nakedMs, key, works && isSeen ? elapsed : 0);
      if (naked.ms > NAKED_LIMIT_MS + SETBACK_MS * naked.setbacks || naked.calmMs > CALM_NAKED_LIMIT_MS)
        throw new InvariantBroken(
          'INV-5',
          `${symbol} of ${accountId} has had no full stop for ${naked.ms} ms, ${naked.calmMs} ms of them in calm`,
        );
    }
  }
}

/** Adds to how long something has lasted; what it lasted while things failed is no matter of the calm. */
function lasting(world: World, lapses: Map<string, Lapse>, key: string, elapsed: number): Lapse {
  const before = lapses.get(key) ?? { ms: 0, calmMs: 0, setbacks: 0 };
  const isCalm = world.history.calmMs > CALM_AFTER_MS;
  const lapse = {
    ...before,
    ms: before.ms + elapsed,
    calmMs: before.calmMs + (isCalm ? elapsed : 0),
  };
  lapses.set(key, lapse);
  return lapse;
}

/** A position is closed when its plan says so, within a bounded time. */
function checkTime(world: World, accountId: string, symbol: string, elapsed: number): void {
  const { exits, overdueMs } = world.history;
  const key = `${accountId}:${symbol}`;
  const position = positionOf(deskOf(world, accountId) ?? NO_DESK, accountId, symbol);
  const closeAt = position?.botId == null ? undefined : exits.closeAt(position);
  if (closeAt === undefined || world.market.stepTime <= closeAt) {
    overdueMs.delete(key);
    return;
  }
  const isHeld = world.venue.books.get(accountId)?.account.state.positions[symbol] !== undefined;
  // Blind, a desk may believe in a position that is gone: there is nothing left of it to close.
  const canClose = world.market.instrument(symbol)?.status !== 'halted' && (isHeld || !world.line.isBlind);
  const overdue = lasting(world, overdueMs, key, canClose ? elapsed : 0);
  const limitMs = OVERDUE_LIMIT_MS + SETBACK_MS * overdue.setbacks;
  if (overdue.ms > limitMs || overdue.calmMs > CALM_OVERDUE_LIMIT_MS)
    throw new InvariantBroken('TIME', `${symbol} of ${accountId} is open ${overdue.ms} ms beyond its time`);
}

/** How long a target that the price has passed may be without an order that takes it, while everything works, world ms. */
const TARGET_LIMIT_MS = 60_000;

/** A target that the price came to is taken, or its owner told why not, within a bounded time. */
function checkTarget(world: World, accountId: string, symbol: string, elapsed: number): void {
  const { untakenMs } = world.history;
  const key = `${accountId}:${symbol}`;
  const desk = deskOf(world, accountId);
  if (desk === undefined || !isTargetPassed(world, desk, accountId, symbol)) {
    untakenMs.delete(key);
    return;
  }
  const untaken = lasting(world, untakenMs, key, elapsed);
  if (untaken.ms > TARGET_LIMIT_MS + SETBACK_MS * untaken.setbacks)
    throw new InvariantBroken(
      'TARGET',
      `the price has passed a target of ${symbol} of ${accountId} for ${untaken.ms} ms`,
    );
}

/** Known to be without a stop for longer than is tolerated, and not told: a few ticks, world ms. */
const UNTOLD_LIMIT_MS = 10_000;

/** A position that we know to be without a stop for too long is said to be; while the store is away devices hear of that. */
function checkTold(world: World, accountId: string, symbol: string, elapsed: number): void {
  const { untoldMs } = world.history;
  const key = `${accountId}:${symbol}`;
  const desk = deskOf(world, accountId);
  const since = desk === undefined ? undefined : positionOf(desk, accountId, symbol)?.unprotectedSince;
  const isLong =
    since != null &&
    world.market.stepTime - since > DEFAULT_ENGINE_SETTINGS.unprotectedLimitMs + CLOCK_OFF_MS;
  if (!isLong || desk?.alerts.has(`unprotected:${key}`) !== false) {
    untoldMs.delete(key);
    return;
  }
  const untold = (untoldMs.get(key) ?? 0) + elapsed;
  untoldMs.set(key, untold);
  if (untold > UNTOLD_LIMIT_MS)
    throw new InvariantBroken(
      'INV-5',
      `${symbol} of ${accountId} is known to have no stop, and nobody is told`,
    );
}

/** By its desk's own books no stop rests, nor is one under way. */
function isKnownNaked(world: World, accountId: string, symbol: string): boolean {
  const position = positionOf(deskOf(world, accountId) ?? NO_DESK, accountId, symbol);
  return position?.stop?.state === 'none' || position?.stop?.state === 'failed';
}

function isNaked(world: World, accountId: string, books: Books, symbol: string): boolean {
  const held = books.account.state.positions[symbol];
  if (held === undefined) return false;
  const desk = deskOf(world, accountId);
  const ours = desk === undefined ? undefined : positionOf(desk, accountId, symbol);
  const lastFill = books.fills.findLast((fill) => fill.symbol === symbol);
  const owner =
    ours !== undefined ? ours.botId : (world.history.sent.get(lastFill?.clientOrderId ?? '') ?? null);
  if (owner === null) return false;
  const isClosing =
    desk !== undefined &&
    (desk.bots.get(owner)?.closing === true ||
      [...openOrders(desk, accountId, symbol)].some((order) => order.purpose === 'close'));
  if (isClosing) return false;
  let stopped: Decimal = ZERO;
  for (const order of books.account.state.orders) {
    const closes = (order.side === 'sell') === (held.direction === 'long');
    const { sent } = world.history;
    const { clientOrderId, parentClientOrderId } = order.firedFrom ?? order;
    const isOurs = sent.has(clientOrderId ?? '') || sent.has(parentClientOrderId ?? '');
    const isStop = order.type === 'stop_market' || order.firedFrom !== undefined;
    if (isOurs && order.symbol === symbol && isStop && order.reduceOnly && closes)
      stopped = add(stopped, order.size);
  }
  return lt(stopped, held.size);
}

function deskOf(world: World, accountId: string) {
  for (const deskId of world.log.deskIds()) {
    const desk = world.log.committed(deskId)?.desk;
    if (desk?.accounts.has(accountId)) return desk;
  }
  return undefined;
}
