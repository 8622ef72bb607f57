import type { Order } from '../../../shared/domain/order.ts';
import { InvariantBroken } from '../broken.ts';
import type { World } from '../world.ts';

/** At the venue's door: what an order that is about to leave must find in the committed state. */
export function checkDoor(world: World, deskId: string, order: Order): void {
  const desk = world.log.committed(deskId)?.desk;
  const known = desk?.orders.get(order.orderId);
  const what = `${order.purpose} ${order.orderId} (${order.side} ${order.size} ${order.symbol})`;
  if (desk === undefined || known === undefined)
    throw new InvariantBroken('INV-1', `${what} leaves before its intent is committed`);
  if (world.history.sent.has(order.orderId))
    throw new InvariantBroken('INV-4', `${what} is sent a second time`);
  world.history.sent.set(order.orderId, order.botId);
  if (order.reduceOnly) return;
  const state = desk.accounts.get(order.accountId);
  const bot = order.botId === null ? undefined : desk.bots.get(order.botId);
  const reasons = [
    state?.account.latch != null ? `the account is latched (${state.account.latch.reason})` : null,
    state?.limits.breach != null ? `limit ${state.limits.breach.limit} is breached` : null,
    known.cancelRequested ? 'it is to be cancelled already' : null,
    order.botId !== null && bot?.state !== 'running' ? `its bot is ${bot?.state}` : null,
    order.botId !== null && order.attachedStop === null && world.setup.profile.capabilities.attachedStop
      ? 'it carries no stop'
      : null,
  ].filter((reason) => reason !== null);
  if (reasons.length > 0)
    throw new InvariantBroken('INV-8', `${what} leaves although ${reasons.join(' and ')}`);
}
