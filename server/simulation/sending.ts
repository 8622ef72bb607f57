import type { MarginMode } from '../../shared/domain/account.ts';
import { type Decimal, dec } from '../../shared/domain/decimal.ts';
import type { AmendChange, PlaceOrder, VenueAnswer, VenueOrderRef } from '../ports/venue.ts';
import { injectedRefusal } from './injected.ts';
import { ANSWER_TIMEOUT_MS } from './line.ts';
import type { World } from './world.ts';

/** A venue refuses what was signed longer ago than this, world ms. */
const SIGNATURE_MS = 2 * ANSWER_TIMEOUT_MS;

/** Of stops: "not now" mostly, which is tried again. */
const STOP_REFUSALS = ['maintenance', 'maintenance', 'maintenance', 'other'] as const;

/** What becomes at the venue of a write that leaves now, whenever it gets there. */
export type Send = () => VenueAnswer;

export function placing(world: World, order: PlaceOrder): Send {
  const isStop = order.type === 'stop_market';
  const refused = world.hit(isStop ? 'stop_rejected' : 'order_rejected');
  const code = isStop ? world.random.pick(STOP_REFUSALS) : 'other';
  const isEmpty = order.type === 'market' && order.reduceOnly && world.hit('book_empty');
  const missing = world.hit('stop_missing');
  const forgotten = world.hit('stop_missing_without_trace');
  const carries = isStop || order.attachedStop !== null;
  const after =
    !carries || !(missing || forgotten) ? 'keep' : missing ? 'drop_stop_told' : 'drop_stop_forgotten';
  const give = (): VenueAnswer => world.venue.place(order, after);
  const place = (): VenueAnswer => (isEmpty ? world.market.withEmptyBook(give) : give());
  const sent = (): VenueAnswer => (refused ? injectedRefusal(code) : place());
  // It looks at no deadline, but at when it was signed.
  return world.setup.profile.capabilities.expiringOrders ? sent : signed(world, sent, ANSWER_TIMEOUT_MS);
}

/** An order as its venue knows it. */
export interface AtVenue {
  accountId: string;
  symbol: string;
  ref: VenueOrderRef;
}

export function amending(
  world: World,
  { accountId, symbol, ref }: AtVenue,
  change: AmendChange,
  isStop: boolean,
): Send {
  const { random, venue } = world;
  if (isStop && world.hit('stop_rejected')) return () => injectedRefusal(random.pick(STOP_REFUSALS));
  return signed(world, () => {
    const before = venue.find(accountId, symbol, ref)?.venueOrderId;
    const answer = venue.amend(accountId, symbol, ref, change);
    if (answer.outcome === 'accepted' && answer.venueOrderId !== before)
      world.coverage.count('fault:order_renamed');
    return answer;
  });
}

/** A fill may be faster than the cancel, and be told after it. */
export function cancelling(world: World, { accountId, symbol, ref }: AtVenue, isLimit: boolean): Send {
  return signed(world, () => {
    const { venue, random } = world;
    const isLate = isLimit && world.hit('late_fill');
    const tellLater = (push: () => void): void => world.after(random.between(100, 5_000), push);
    const venueOrderId = venue.find(accountId, symbol, ref)?.venueOrderId;
    if (isLate && venueOrderId !== undefined)
      venue.fillLate(accountId, venueOrderId, dec(random.pick(['0.3', '0.7', '1'])), tellLater);
    const answer = venue.cancel(accountId, symbol, ref);
    if (ref.venueOrderId === null) world.coverage.count('met:cancel by our id alone');
    // All of it is filled, and the venue says so only in its fills.
    return isLate && venueOrderId !== undefined ? { outcome: 'accepted', venueOrderId } : answer;
  });
}

export const closing = (world: World, accountId: string, symbol: string): Send =>
  signed(world, () => world.venue.closePosition(accountId, symbol));

export function configuring(
  world: World,
  accountId: string,
  symbol: string,
  settings: { leverage: number; marginMode: MarginMode },
): Send {
  const { leverage, marginMode } = settings;
  return signed(world, () => world.venue.configure(accountId, symbol, leverage, marginMode));
}

export const opening = (world: World, accountId: string, deposit: Decimal, reset: boolean): Send =>
  signed(world, () => (reset ? world.venue.reset(accountId, deposit) : world.venue.open(accountId, deposit)));

/** What is not an order carries no time to expire at, but the time it was signed. */
function signed(world: World, send: Send, windowMs = SIGNATURE_MS): Send {
  const signedAt = world.now;
  return () =>
    world.now - signedAt > windowMs
      ? { outcome: 'rejected', code: 'expired', message: 'signed too long ago' }
      : send();
}
