import type { Order } from '../../../shared/domain/order.ts';
import { limitsOver } from '../../core/desk.ts';
import { InvariantBroken } from '../broken.ts';
import type { EngineProcess } from '../engineProcess.ts';
import type { World } from '../world.ts';

/** What leaves is what was decided. */
const SAME = ['side', 'type', 'size', 'price', 'triggerPrice', 'reduceOnly', 'symbol', 'accountId'] as const;

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
  const other = SAME.find((field) => order[field] !== known[field]);
  if (other !== undefined)
    throw new InvariantBroken(
      'INV-1',
      `${what} leaves with another ${other} than was committed: ${known[other]}`,
    );
  if (order.notAfter === null) throw new InvariantBroken('INV-4', `${what} leaves without a deadline`);
  if (order.reduceOnly) return;
  if (order.purpose !== 'entry' && order.purpose !== 'manual')
    throw new InvariantBroken('INV-4', `${what} is not reduce-only`);
  const state = desk.accounts.get(order.accountId);
  const bot = order.botId === null ? undefined : desk.bots.get(order.botId);
  const reasons = [
    state?.account.latch != null ? `the account is latched (${state.account.latch.reason})` : null,
    ...(state === undefined ? [] : limitsOver(desk, state)).flatMap(({ accountId, breaches }) =>
      breaches.map(({ limit }) => `limit ${limit} of ${accountId} is breached`),
    ),
    known.cancelRequested ? 'it is to be cancelled already' : null,
    order.botId !== null && bot?.state !== 'running' ? `its bot is ${bot?.state}` : null,
    order.botId !== null && order.attachedStop === null && world.setup.profile.capabilities.attachedStop
      ? 'it carries no stop'
      : null,
  ].filter((reason) => reason !== null);
  if (reasons.length > 0)
    throw new InvariantBroken('INV-8', `${what} leaves although ${reasons.join(' and ')}`);
}

/** At most one process acts at the venue: who holds the lease, by the database's clock. */
export function checkLease(world: World, process: EngineProcess): void {
  if (world.leases.isValid(process.lease.token, world.now)) return;
  throw new InvariantBroken('INV-2', `${process.name} writes to the venue without a valid lease`);
}
