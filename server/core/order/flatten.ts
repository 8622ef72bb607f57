import {
  type Decimal,
  isPositive,
  isZero,
  lt,
  max,
  min,
  roundToStep,
  sub,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, openOrders, positionOf } from '../desk.ts';
import { leastSize } from '../rules/leastSize.ts';
import { hasPassed } from '../turn/age.ts';
import type { Turn } from '../turn/turn.ts';
import { closeFailures, isPausing } from './exitFailures.ts';
import { lastClosed } from './lastClosed.ts';
import { mayLoseStop, requestCancel, submitOrder } from './submit.ts';

/** How long a close waits for cancels, wall ms: some venues count resting exits against what may be closed. */
const CANCEL_GRACE_MS = 2_000;

/** Why a close is sent; kept as the order's slot. */
export type CloseReason =
  | 'bot_stop'
  | 'emergency'
  | 'limit'
  | 'delisting'
  | 'manual'
  | 'time'
  | 'stop_failed';

/**
 * One step of bringing (account, symbol) to flat: cancel what is not a stop, close reduce-only, then cancel the stops.
 * Safe to call at any time; `flat` only when nothing of ours is open there, as far as we know. The venue has the last word.
 * `owner`: the bot that is brought to flat.
 */
export function flatten(
  turn: Turn,
  state: AccountState,
  symbol: string,
  reason: CloseReason,
  owner: string | null = positionOf(turn.desk, state.account.accountId, symbol)?.botId ?? null,
): 'flat' | 'busy' {
  const { accountId, venue } = state.account;
  // Nothing can be sent there.
  if (turn.context.venue(venue) === undefined) return 'busy';
  // Exits, and the entries of whose exposure it is; another's entries and what is foreign stay, but in an emergency.
  const concerned = () =>
    [...openOrders(turn.desk, accountId, symbol)].filter(
      (order) =>
        reason === 'emergency' ||
        (order.reduceOnly && order.foreign !== true) ||
        (order.botId !== null && order.botId === owner),
    );
  for (const order of concerned()) {
    if (order.purpose !== 'stop' && order.purpose !== 'close') requestCancel(turn, state, order);
  }
  const position = positionOf(turn.desk, accountId, symbol);
  if (position !== undefined && !isZero(position.size)) {
    const others = concerned().filter((order) => order.purpose !== 'stop');
    if (others.some((order) => order.purpose === 'close')) return 'busy';
    if (others.some((order) => !hasPassed(turn, order.updatedAt, CANCEL_GRACE_MS))) return 'busy';
    const last = lastPartialClose(turn, position);
    if (isPausing(turn, closeFailures(turn.desk, accountId, symbol)) || isExhausted(turn, last))
      return 'busy';
    const instrument = boundBy(turn, venue, symbol);
    submitOrder(turn, state, {
      orderId: turn.id('close', accountId, symbol, turn.desk.seq),
      botId: position.botId,
      symbol,
      side: position.direction === 'long' ? 'sell' : 'buy',
      type: 'market',
      purpose: 'close',
      slot: reason,
      size: instrument === undefined ? position.size : sliceOf(position.size, instrument, last),
      price: null,
      triggerPrice: null,
      timeInForce: 'ioc',
      reduceOnly: true,
      attachedStop: null,
    });
    return 'busy';
  }
  const working = [...openOrders(turn.desk, accountId, symbol)];
  for (const order of concerned()) {
    if (order.purpose === 'stop' && mayLoseStop(state, order, working)) requestCancel(turn, state, order);
  }
  return concerned().length === 0 ? 'flat' : 'busy';
}

/** The instrument, with a least size that meets its minimum notional too where that holds for what closes. */
function boundBy(turn: Turn, venue: string, symbol: string): Instrument | undefined {
  const instrument = turn.context.instrument(venue, symbol);
  const price = turn.context.quote(venue, symbol)?.mark;
  const isBound = turn.context.venue(venue)?.capabilities.minimaBindCloses === true;
  if (!isBound || instrument === undefined || price === undefined) return instrument;
  return { ...instrument, minSize: leastSize(instrument, price) };
}

/** Slices by which a position is reduced once, by hand. */
export const MAX_SLICES = 20;

/** A whole size in slices that the venue takes, all at once; beyond MAX_SLICES of them the rest is in the last one. */
export function slicesOf(size: Decimal, instrument: Instrument): Decimal[] {
  const slices: Decimal[] = [];
  let left: Decimal = size;
  while (isPositive(left)) {
    const slice = slices.length < MAX_SLICES - 1 ? sliceOf(left, instrument, undefined) : left;
    slices.push(slice);
    left = sub(left, slice);
  }
  return slices;
}

/** How long what a book could not take of a close says something about it, wall ms. */
const BOOK_MEMORY_MS = 30_000;

/** A close that took what the book had and was over before the position was; the last one, unless it was filled. */
function lastPartialClose(turn: Turn, { accountId, symbol }: Position): Order | undefined {
  for (const order of lastClosed(turn.desk, accountId, symbol)) {
    if (hasPassed(turn, order.updatedAt, BOOK_MEMORY_MS)) return undefined;
    // One that never left says nothing of the book.
    if (order.purpose !== 'close' || order.venueOrderId === null) continue;
    if (order.status === 'filled') return undefined;
    if (order.status === 'cancelled') return order;
  }
  return undefined;
}

/** How long a book that was emptied is given to fill again, wall ms. */
const REFILL_MS = 500;

function isExhausted(turn: Turn, last: Order | undefined): boolean {
  return last !== undefined && !hasPassed(turn, last.updatedAt, REFILL_MS);
}

/**
 * How much to close at once: no more than the venue takes and than its book just took. The venue port tells no depth of
 * book; what an immediate-or-cancel order was given of it is the measure. Nothing below the minimum is left behind.
 */
export function sliceOf(size: Decimal, instrument: Instrument, last: Order | undefined): Decimal {
  const { minSize, maxMarketSize, sizeStep } = instrument;
  const taken = last !== undefined && isPositive(last.filledSize) ? last.filledSize : maxMarketSize;
  const most = min(max(taken, minSize), maxMarketSize);
  if (!lt(most, size)) return size;
  const slice = roundToStep(most, sizeStep, 'down');
  const rest = sub(size, slice);
  if (!lt(rest, minSize)) return slice;
  // The whole where the venue takes it at once; else so much that a whole minimum is left.
  if (!lt(maxMarketSize, size)) return size;
  return roundToStep(sub(size, minSize), sizeStep, 'down');
}
