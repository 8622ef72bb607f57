import { type Decimal, eq, ZERO } from '../../../shared/domain/decimal.ts';
import type { Decision } from '../../core/decide.ts';
import type { Desk } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import { signedSize } from '../../core/rules/signedSize.ts';
import { orderRef } from '../../runtime/orderRef.ts';
import { InvariantBroken } from '../broken.ts';
import { isLive } from '../venueModel.ts';
import type { World } from '../world.ts';

/** What changed at the venue may be shown as it was before for this long, world ms. */
const SETTLED_MS = 15_000;

/** What is taken from a reading or a look-up is so in the venue's own books, whatever the venue showed. */
export function checkTaken(world: World, desk: Desk, input: Input, { events }: Decision): void {
  const { sizes } = world.history;
  const before = sizes.get(desk.deskId);
  const now = sizesOf(desk);
  sizes.set(desk.deskId, now);
  if (input.type === 'OrderFound') checkGivenUp(world, events);
  if (input.type !== 'AccountRead' || before === undefined) return;
  const { accountId } = input;
  const state = world.venue.books.get(accountId)?.account.state;
  if (state === undefined || world.now - (world.history.lastVenueChangeAt.get(accountId) ?? 0) < SETTLED_MS)
    return;
  const filled = new Set(
    events.flatMap((event) => (event.kind === 'FillRecorded' ? event.data.fill.symbol : [])),
  );
  for (const symbol of world.market.instruments.keys()) {
    const size = now.get(`${accountId}:${symbol}`) ?? ZERO;
    if (filled.has(symbol) || eq(before.get(`${accountId}:${symbol}`) ?? ZERO, size)) continue;
    const held = state.positions[symbol];
    const theirs = held === undefined ? ZERO : signedSize(held);
    if (!eq(size, theirs))
      throw new InvariantBroken(
        'HELD',
        `${symbol} of ${accountId} is taken for ${size}, the venue has ${theirs}`,
      );
  }
}

/** An order that works at the venue is not over because a look-up missed it; another stop or close does no harm. */
function checkGivenUp(world: World, events: Decision['events']): void {
  for (const { kind, data } of events) {
    if (kind !== 'OrderRejected') continue;
    const { order } = data;
    if (order.status !== 'abandoned' || order.reason?.code === 'unaskable') continue;
    const isHarmless = order.reason?.code === 'never_received' && order.reduceOnly;
    const { accountId, symbol, orderId } = order;
    if (isHarmless || !world.venue.books.has(accountId)) continue;
    const known = world.venue.find(accountId, symbol, orderRef(order));
    if (known !== undefined && isLive(known))
      throw new InvariantBroken('INV-4', `${orderId} is given up while it works at the venue`);
  }
}

const sizesOf = ({ positions }: Desk): Map<string, Decimal> =>
  new Map([...positions].map(([key, held]) => [key, signedSize(held)]));
