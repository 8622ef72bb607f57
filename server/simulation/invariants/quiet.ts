import { eq, ZERO } from '../../../shared/domain/decimal.ts';
import { isOpen } from '../../../shared/domain/order.ts';
import { type Desk, openOrders } from '../../core/desk.ts';
import { InvariantBroken } from '../broken.ts';
import type { World } from '../world.ts';
import { beyondPlan, wrongStop } from './stopCover.ts';

/** Nothing is under way between process, log and venue: what one knows the other knows. */
export function isIdle(world: World): boolean {
  return world.process?.isIdle === true && world.line.inFlight === 0;
}

/** Once nothing fails any more, an emergency is over within this, world ms. */
const EMERGENCY_LIMIT_MS = 60_000;

/** `healthySince`: world time from which on nothing fails, and somebody serves. */
export function checkEmergencies(world: World, healthySince: number): void {
  if (world.now - healthySince <= EMERGENCY_LIMIT_MS) return;
  for (const deskId of world.log.deskIds()) {
    for (const emergency of world.log.committed(deskId)?.desk.emergencies.values() ?? []) {
      const beganAt = world.history.emergencies.get(emergency.emergencyId) ?? world.now;
      if (emergency.stage !== 'done' && world.now - Math.max(healthySince, beganAt) > EMERGENCY_LIMIT_MS)
        throw new InvariantBroken('FLAT', `an emergency of ${deskId} is still ${emergency.stage}`);
    }
  }
}

/** Why the world has not come to rest although nothing fails any more; empty: it has. */
export function unsettled(world: World): string[] {
  const desks = world.log.deskIds().flatMap((deskId) => {
    const desk = world.log.committed(deskId)?.desk;
    return desk === undefined ? [] : [...transitions(desk), ...differences(world, desk)];
  });
  // A view's hash costs more than all else here, and this is asked at every move.
  return desks.length > 0 ? desks : [...world.devices()].flatMap((device) => device.behind() ?? []);
}

function transitions(desk: Desk): string[] {
  const found: string[] = [];
  for (const bot of desk.bots.values()) {
    if (bot.state === 'stopping' || bot.state === 'starting' || bot.closing)
      found.push(`REST: bot ${bot.botId} is still ${bot.state} (${bot.reason?.code})`);
  }
  for (const { symbol, protection } of desk.positions.values())
    for (const { slot } of protection.exits) found.push(`EXIT: the exit ${slot} of ${symbol} is not done`);
  for (const emergency of desk.emergencies.values())
    if (emergency.stage !== 'done') found.push(`REST: an emergency is still ${emergency.stage}`);
  for (const { account } of desk.accounts.values()) {
    if (account.status !== 'ready') found.push(`REST: ${account.accountId} is ${account.status}`);
  }
  for (const order of desk.orders.values()) {
    const isPending = order.status === 'unknown' || order.status === 'submitting' || order.cancelRequested;
    if (isOpen(order) && isPending)
      found.push(
        `REST: ${order.purpose} ${order.orderId} is ${order.status}, cancel asked: ${order.cancelRequested}`,
      );
  }
  return found;
}

/** Positions, orders and balance of the books against the venue's, to the last digit. */
function differences(world: World, desk: Desk): string[] {
  const found: string[] = [];
  for (const { account } of desk.accounts.values()) {
    const { accountId } = account;
    const state = world.venue.books.get(accountId)?.account.state;
    if (state === undefined) {
      found.push(`REST: the venue does not know ${accountId}`);
      continue;
    }
    const ours = account.balances.USDT ?? ZERO;
    if (!eq(ours, state.balance)) found.push(`INV-9: balance ${ours}, the venue has ${state.balance}`);
    const say = (p: { direction: string; size: string; cost: string; symbol: string }): string =>
      `${p.direction} ${p.size} ${p.symbol} for ${p.cost}`;
    const held = [...desk.positions.values()].filter((p) => p.accountId === accountId).map(say);
    const theirs = Object.values(state.positions).map(say);
    if (held.sort().join() !== theirs.sort().join())
      found.push(`INV-9: positions [${held}], the venue has [${theirs}]`);
    for (const position of desk.positions.values())
      if (position.accountId === accountId)
        found.push(...wrongStop(world, desk, position, state.orders), ...beyondPlan(world, desk, position));
    const working = [...openOrders(desk, accountId)].map((o) => `${o.purpose} ${o.venueOrderId}`);
    const known = new Set(
      [...openOrders(desk, accountId)].map((order) => order.becameOrderId ?? order.venueOrderId),
    );
    const live = new Set(state.orders.map((order) => order.venueOrderId));
    if (known.size !== live.size || [...live].some((id) => !known.has(id)))
      found.push(`INV-9: orders [${working}], the venue has [${[...live]}]`);
  }
  return found;
}
