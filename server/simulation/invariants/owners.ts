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
    const books = world.venue.books.get(accountId);
    const made = books?.fills.find((fill) => fill.fillId === fillId);
    const name = made?.clientOrderId ?? books?.firedFrom.get(made?.venueOrderId ?? '') ?? '';
    const owner = world.history.sent.get(name);
    // A stop that came with its entry, and fired before anybody heard of it, is no order of ours.
    const isKnown = orderId !== null || made?.clientOrderId === null;
    if (made === undefined || owner === undefined || (owner === botId && isKnown)) continue;
    const order = world.log.committed(deskId)?.desk.orders.get(name);
    const told = books?.told.fills.find(({ row }) => row.fillId === fillId);
    if (order?.status === 'abandoned' && told?.row.clientOrderId === null) continue;
    throw new InvariantBroken(
      'OWNER',
      `${fillId} of order ${name} is of ${owner ?? 'its owner'}, and booked for ${botId} by order ${orderId}`,
    );
  }
}
