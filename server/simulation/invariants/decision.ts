import type { Emergency } from '../../../shared/domain/alert.ts';
import type { Bot } from '../../../shared/domain/bot.ts';
import type { Context } from '../../core/context.ts';
import type { Decision } from '../../core/decide.ts';
import { type Desk, openOrders, positionOf } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import type { VenueOrder } from '../../ports/venue.ts';
import { InvariantBroken } from '../broken.ts';
import type { World } from '../world.ts';
import { checkAccepted } from './acceptedLaw.ts';
import { checkEntryBar } from './bars.ts';
import { checkExitRuling } from './exitRuling.ts';
import { isHeldOf } from './heldOf.ts';
import { checkReady } from './readiness.ts';
import { checkRuling } from './ruling.ts';
import { checkTaken } from './taken.ts';

/** What somebody else did at the venue may arrive between the venue's word and ours, world ms. */
const FOREIGN_GRACE_MS = 15_000;

/** What a decision may not say, given what the venue holds at that moment. */
export function checkDecision(
  world: World,
  desk: Desk,
  context: Context,
  input: Input,
  decision: Decision,
): void {
  checkRuling(world, desk, context, input, decision);
  checkReady(world, desk, input, decision);
  checkAccepted(world, desk, input, decision);
  checkTaken(world, desk, input, decision);
  checkExitRuling(desk, context, input, decision);
  const { events } = decision;
  for (const event of events) {
    if (event.kind === 'OrderSubmitted') {
      const { order } = event.data;
      const isDown = world.feedIsDown && world.process?.hasHeardAll === true;
      const blind = isDown || context.quote(world.setup.venue, order.symbol) === undefined;
      if (blind && !order.reduceOnly && order.venueOrderId === null)
        throw new InvariantBroken('INV-10', `an entry in ${order.symbol} without a fresh price`);
      if (order.purpose === 'entry') checkEntryBar(world, context, input);
    } else if (event.kind === 'BotStateChanged' && event.data.bot.state === 'stopped') {
      checkStopped(world, desk, event.data.bot);
    } else if (event.kind === 'EmergencyStage') {
      const { emergencyId } = event.data.emergency;
      if (!world.history.emergencies.has(emergencyId)) world.history.emergencies.set(emergencyId, world.now);
    } else if (event.kind === 'EmergencyReceipt' && event.data.emergency.residual.length === 0) {
      checkReceipt(world, event.data.emergency);
    }
  }
}

/** A stop is never taken away from a position that nothing else protects. */
export function checkCancels(desk: Desk, input: Input, { events, effects }: Decision): void {
  for (const effect of effects) {
    if (effect.type !== 'CancelOrder' || effect.order.purpose !== 'stop') continue;
    const { order } = effect;
    const isNew = events.some(({ data }) => 'order' in data && data.order.orderId === order.orderId);
    // Asked for again: judged when it was first, before there was the position of now.
    if (order.cancelRequested && !isNew) continue;
    const position = positionOf(desk, order.accountId, order.symbol);
    // Somebody else's, it protects nothing of ours.
    if (position === undefined || order.foreign === true || position.foreign === true) continue;
    if (position.botId !== order.botId) continue;
    // What was adopted beside a position by hand that has no stop of its own is its owner's to cancel.
    const isAsked =
      input.type === 'Command' &&
      input.command.type === 'CancelOrder' &&
      input.command.orderId === order.orderId;
    if (isAsked && position.botId === null && position.stop === null) continue;
    // Left over from one the other way: it protects nothing of this one.
    if ((order.side === 'sell') !== (position.direction === 'long')) continue;
    const others = [...openOrders(desk, order.accountId, order.symbol)].filter(
      (other) =>
        other.purpose === 'stop' &&
        other.foreign !== true &&
        other.orderId !== order.orderId &&
        other.venueOrderId !== null &&
        !other.cancelRequested,
    );
    if (others.length === 0)
      throw new InvariantBroken(
        'INV-6',
        `the only stop ${order.orderId} of ${position.size} ${order.symbol} is cancelled`,
      );
  }
}

/** `stopped` is said only when the venue has neither orders nor exposure of the bot. */
function checkStopped(world: World, desk: Desk, bot: Bot): void {
  const books = world.venue.books.get(bot.accountId);
  if (books === undefined) return;
  const { sent } = world.history;
  const isOwn = (id: string | null): boolean => id !== null && sent.get(id) === bot.botId;
  const order = books.account.state.orders.find(
    (live: VenueOrder) => isOwn(live.clientOrderId) || isOwn(live.parentClientOrderId),
  );
  if (order !== undefined)
    throw new InvariantBroken(
      'INV-7',
      `bot ${bot.botId} stopped while ${order.venueOrderId} works at the venue`,
    );
  const held = books.account.state.positions[bot.symbol];
  const ours = positionOf(desk, bot.accountId, bot.symbol);
  const isOthers = (ours !== undefined && ours.botId !== bot.botId) || wasForeign(world, bot.accountId);
  // A process that slept learns only afterwards what somebody else's resting order took meanwhile.
  if (held !== undefined && !isOthers && isHeldOf(world, books, bot.symbol, bot.botId))
    throw new InvariantBroken(
      'INV-7',
      `bot ${bot.botId} stopped while the venue holds ${held.size} ${bot.symbol}`,
    );
}

/**
 * An emergency is done without residual only when the venue is flat. Each account is confirmed on its own: what somebody
 * else opened since it began may have come after its confirmation.
 */
function checkReceipt(world: World, emergency: Emergency): void {
  for (const accountId of emergency.accountIds) {
    const state = world.venue.books.get(accountId)?.account.state;
    const since = world.history.emergencies.get(emergency.emergencyId) ?? world.now;
    if (state === undefined || wasForeign(world, accountId, since)) continue;
    const held = Object.values(state.positions).map((position) => `${position.size} ${position.symbol}`);
    const orders = state.orders.map((order) => `${order.type} ${order.venueOrderId}`);
    if (held.length + orders.length > 0)
      throw new InvariantBroken(
        'INV-7',
        `an emergency is done while the venue has ${[...held, ...orders].join()}`,
      );
  }
}

function wasForeign(world: World, accountId: string, since = world.now): boolean {
  const at = world.history.lastForeignAt.get(accountId);
  return at !== undefined && at > since - FOREIGN_GRACE_MS;
}
