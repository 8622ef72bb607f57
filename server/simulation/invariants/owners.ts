import type { DeskEvent } from '../../core/events.ts';
import { InvariantBroken } from '../broken.ts';
import type { World } from '../world.ts';

/**
 * A fill of an order of ours is the bot's whose order it was, or its owner's by hand, whatever the venue says of it; but of one
 * that was given up while nobody could be asked only what names it.
 */
export function checkOwners(world: World, deskId: string, events: readonly DeskEvent[]): void {
  for (const { kind, data } of events) {
    if (kind !== 'FillRecorded') continue;
    const { accountId, fillId, botId, orderId } = data.fill;
    const made = world.venue.books.get(accountId)?.fills.find((fill) => fill.fillId === fillId);
    const owner = made?.clientOrderId == null ? undefined : world.history.sent.get(made.clientOrderId);
    if (made === undefined || owner === undefined || (owner === botId && orderId !== null)) continue;
    const order = world.log.committed(deskId)?.desk.orders.get(made.clientOrderId ?? '');
    const told = world.venue.books.get(accountId)?.told.fills.find(({ row }) => row.fillId === fillId);
    if (order?.status === 'abandoned' && told?.row.clientOrderId === null) continue;
    throw new InvariantBroken(
      'OWNER',
      `${fillId} of order ${made.clientOrderId} is of ${owner ?? 'its owner'}, and booked for ${botId} by order ${orderId}`,
    );
  }
}
