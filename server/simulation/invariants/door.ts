import { isOpen, type Order } from '../../../shared/domain/order.ts';
import { type AccountState, type Desk, limitsOver } from '../../core/desk.ts';
import type { Effect } from '../../core/effects.ts';
import { InvariantBroken } from '../broken.ts';
import type { SimProcess } from '../simProcess.ts';
import type { World } from '../world.ts';

/** What leaves is what was decided. */
const SAME = ['side', 'type', 'size', 'price', 'triggerPrice', 'reduceOnly', 'symbol', 'accountId'] as const;

/** An order that leaves, as the venue is to have it. */
export type Leaving = Pick<Order, (typeof SAME)[number] | 'orderId' | 'notAfter' | 'attachedStop'>;

/** At the venue's door: what an order that is about to leave must find in the committed state. */
export function checkDoor(world: World, deskId: string, order: Leaving): void {
  const desk = world.log.committed(deskId)?.desk;
  const known = desk?.orders.get(order.orderId);
  const what = `${known?.purpose} ${order.orderId} (${order.side} ${order.size} ${order.symbol})`;
  if (desk === undefined || known === undefined)
    throw new InvariantBroken('INV-1', `${what} leaves before its intent is committed`);
  if (world.history.sent.has(order.orderId))
    throw new InvariantBroken('INV-4', `${what} is sent a second time`);
  const { purpose, botId } = known;
  world.history.sent.set(order.orderId, botId);
  const other = SAME.find((field) => order[field] !== known[field]);
  if (other !== undefined)
    throw new InvariantBroken(
      'INV-1',
      `${what} leaves with another ${other} than was committed: ${known[other]}`,
    );
  if (order.notAfter === null) throw new InvariantBroken('INV-4', `${what} leaves without a deadline`);
  if (known.status !== 'submitting')
    throw new InvariantBroken('INV-4', `${what} leaves although it counts as ${known.status}`);
  checkInTime(world, what, order.notAfter);
  if (order.reduceOnly) return;
  if (purpose !== 'entry' && purpose !== 'manual')
    throw new InvariantBroken('INV-4', `${what} is not reduce-only`);
  const state = desk.accounts.get(order.accountId);
  const bot = botId === null ? undefined : desk.bots.get(botId);
  const reasons = [
    ...reasonsAgainst(desk, state),
    known.cancelRequested ? 'it is to be cancelled already' : null,
    botId !== null && bot?.state !== 'running' ? `its bot is ${bot?.state}` : null,
    botId !== null && order.attachedStop === null && world.setup.profile.capabilities.attachedStop
      ? 'it carries no stop'
      : null,
  ].filter((reason) => reason !== null);
  if (reasons.length > 0)
    throw new InvariantBroken('INV-8', `${what} leaves although ${reasons.join(' and ')}`);
}

/** At the venue's door: a change that is about to leave, of an order that may add exposure. */
export function checkAmendDoor(
  world: World,
  deskId: string,
  { order, notAfter }: Extract<Effect, { type: 'AmendOrder' }>,
): void {
  const desk = world.log.committed(deskId)?.desk;
  const known = desk?.orders.get(order.orderId);
  const what = `a change of ${order.purpose} ${order.orderId} (${order.side} ${order.size} ${order.symbol})`;
  if (desk === undefined || known === undefined)
    throw new InvariantBroken('INV-1', `${what} leaves before its intent is committed`);
  const reasons = [
    ...(order.reduceOnly ? [] : reasonsAgainst(desk, desk.accounts.get(order.accountId))),
    !order.reduceOnly && known.cancelRequested ? 'it is to be cancelled already' : null,
    !order.reduceOnly && !isOpen(known) ? `it is ${known.status}` : null,
  ].filter((reason) => reason !== null);
  if (reasons.length > 0)
    throw new InvariantBroken('INV-8', `${what} leaves although ${reasons.join(' and ')}`);
  checkInTime(world, what, notAfter);
}

/** What is late the venue would refuse, and whoever decided it has given it up. */
function checkInTime(world: World, what: string, notAfter: number | null): void {
  const lateMs = notAfter === null ? 0 : world.market.stepTime + world.marketOffsetMs - notAfter;
  if (lateMs > 0) throw new InvariantBroken('INV-4', `${what} leaves ${lateMs} ms after its time`);
}

/** Why nothing that adds exposure may leave. */
function reasonsAgainst(desk: Desk, state: AccountState | undefined): string[] {
  if (state === undefined) return ['its account is not known'];
  const { latch, foreign } = state.account;
  return [
    ...(latch === null ? [] : [`the account is latched (${latch.reason})`]),
    ...(foreign === null ? [] : [`the account is frozen (${foreign.found.code})`]),
    ...limitsOver(desk, state).flatMap(({ accountId, breaches }) =>
      breaches.map(({ limit }) => `limit ${limit} of ${accountId} is breached`),
    ),
  ];
}

/** At most one process acts at the venue: who holds the lease, by the database's clock. */
export function checkLease(world: World, process: SimProcess): void {
  if (world.leases.isValid(process.leaseToken, world.now)) return;
  throw new InvariantBroken('INV-2', `${process.name} writes to the venue without a valid lease`);
}
