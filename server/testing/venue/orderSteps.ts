import type { PlaceOrder, VenueAnswer, VenueFill } from '../../ports/venue.ts';
import { order, type VenueWorld, type VenueWorldOptions, venueWorld } from './venueWorld.ts';

/** The account and the symbol of the steps here. */
export const account = { accountId: 'a' };
export const SYMBOL = 'BTCUSDT';

/** A venue where the symbol stands at 100. */
export async function worldAt100(options: VenueWorldOptions = {}): Promise<VenueWorld> {
  const made = await venueWorld(options);
  made.path.script(SYMBOL, '100');
  return made;
}

export function place(
  world: VenueWorld,
  fields: Partial<PlaceOrder> & Pick<PlaceOrder, 'side' | 'size'>,
): Promise<VenueAnswer> {
  return world.venue.placeOrder(order(account.accountId, fields));
}

/** Why an order was rejected, or what became of it otherwise. */
export function codeOf(answer: VenueAnswer): string {
  return answer.outcome === 'rejected' ? answer.code : answer.outcome;
}

export function fillsPushed(world: VenueWorld): VenueFill[] {
  return world.pushes.flatMap((push) => (push.type === 'fill' ? [push.fill] : []));
}

/** The symbol moves to this price, and the venue sees it. */
export async function priceTo(world: VenueWorld, price: string): Promise<void> {
  world.path.script(SYMBOL, price);
  await world.feed.advance(1);
}
