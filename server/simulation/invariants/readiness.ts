import { add, type Decimal, isZero, neg, ZERO } from '../../../shared/domain/decimal.ts';
import type { Decision } from '../../core/decide.ts';
import type { Desk } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import { signedSize } from '../../core/rules/signedSize.ts';
import { InvariantBroken } from '../broken.ts';
import type { World } from '../world.ts';

/**
 * An account becomes ready by a reading whose positions are ours once what the venue did after it, and we have heard of, is
 * taken away.
 */
export function checkReady(world: World, desk: Desk, input: Input, { events }: Decision): void {
  const { statuses } = world.history;
  for (const event of events) {
    if (!('account' in event.data)) continue;
    const { accountId, status } = event.data.account;
    const before = statuses.get(accountId);
    statuses.set(accountId, status);
    if (status !== 'ready' || before === undefined || before === 'ready') continue;
    const isRead = input.type === 'AccountRead' && input.accountId === accountId;
    const different = isRead ? differing(world, desk, input) : ['it was not read'];
    if (different.length > 0)
      throw new InvariantBroken('READY', `${accountId} is ready although ${different.join(' and ')}`);
  }
}

function differing(
  world: World,
  desk: Desk,
  { accountId, state }: Extract<Input, { type: 'AccountRead' }>,
): string[] {
  const sizes = new Map<string, Decimal>();
  const change = (symbol: string, by: Decimal): void =>
    void sizes.set(symbol, add(sizes.get(symbol) ?? ZERO, by));
  for (const held of desk.positions.values())
    if (held.accountId === accountId) change(held.symbol, signedSize(held));
  const ours = new Map(sizes);
  const known = desk.accounts.get(accountId);
  const books = world.venue.books.get(accountId);
  for (const fill of books?.fills ?? []) {
    const { fillId, symbol, side, size } = fill;
    const isBooked = known?.seenFills.has(fillId) === true && !known.held.has(fillId);
    if (isBooked && !world.venue.includes(state, fill)) change(symbol, side === 'buy' ? neg(size) : size);
  }
  for (const held of state.positions) change(held.symbol, neg(signedSize(held)));
  return [...sizes].flatMap(([symbol, size]) => {
    const theirs = books?.account.state.positions[symbol];
    // What a reading left out may happen to be as it should: nothing is wrong with books that are the venue's.
    const isAsAtVenue = (ours.get(symbol) ?? ZERO) === (theirs === undefined ? ZERO : signedSize(theirs));
    return isZero(size) || isAsAtVenue ? [] : [`its position in ${symbol} is off by ${size}`];
  });
}

/** A desk that was read from the log adds nothing before it has asked its venues what is true. */
export function checkUnrecovered(deskId: string, { events }: Decision): void {
  for (const { kind, data } of events)
    if (kind === 'OrderSubmitted' && !data.order.reduceOnly && data.order.venueOrderId === null)
      throw new InvariantBroken(
        'READY',
        `${deskId} enters ${data.order.symbol} before it asked what is true`,
      );
}
