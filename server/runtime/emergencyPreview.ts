import { because, type Cause } from '../../shared/domain/cause.ts';
import { isZero, sub } from '../../shared/domain/decimal.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { OpResult } from '../../shared/protocol/ops.ts';
import type { Context } from '../core/context.ts';
import {
  type AccountState,
  type Desk,
  findByVenueOrderId,
  openOrders,
  positionsOf,
  sizeShown,
} from '../core/desk.ts';
import { originOf } from '../core/emergency/origin.ts';
import type { Venue, VenueAccountState, VenueOrder } from '../ports/venue.ts';

/** Orders that a preview lists; it counts all of them. */
export const PREVIEW_ORDERS = 200;

type Preview = Extract<OpResult<'emergency.stop'>, { status: 'preview' }>;
type Row<K extends 'positions' | 'orderRows' | 'accounts'> = NonNullable<Preview[K]>[number];

export interface AccountPreview {
  positions: Row<'positions'>[];
  orders: Row<'orderRows'>[];
  account: Row<'accounts'>;
}

/**
 * What an emergency stop would close and cancel on one account: what the venue has right now, with whose it is by our
 * books; or our books and how old they are, when it does not answer.
 */
export async function previewAccount(
  desk: Desk,
  state: AccountState,
  venue: Venue | undefined,
  context: Context,
): Promise<AccountPreview> {
  const { accountId, venue: name } = state.account;
  if (venue === undefined) return asOfBooks(desk, state, because('no_venue', { venue: name }));
  try {
    const read = await venue.readAccount({ accountId });
    return {
      positions: positionsAt(desk, accountId, read),
      orders: read.orders.map((seen) => orderAt(desk, accountId, seen)),
      account: { accountId, source: 'venue', asOf: context.wallTime, reason: null },
    };
  } catch {
    return asOfBooks(desk, state, because('unreachable', {}));
  }
}

function asOfBooks(desk: Desk, state: AccountState, reason: Cause): AccountPreview {
  const { accountId } = state.account;
  return {
    ...fromBooks(desk, accountId),
    account: { accountId, source: 'books', asOf: lastSeen(desk, state), reason },
  };
}

function positionsAt(desk: Desk, accountId: string, read: VenueAccountState): Row<'positions'>[] {
  const ours = positionsOf(desk, accountId);
  return read.positions
    .filter(({ size }) => !isZero(size))
    .map(({ symbol, direction, size }) => {
      const known = ours.find((position) => position.symbol === symbol);
      const botId = known?.botId ?? null;
      // Not in our books at all: nobody here opened it.
      return {
        accountId,
        symbol,
        direction,
        size,
        botId,
        origin: originOf(known ?? { botId, foreign: true }),
      };
    });
}

function orderAt(desk: Desk, accountId: string, seen: VenueOrder): Row<'orderRows'> {
  const { symbol, side, type, price, clientOrderId, parentClientOrderId, venueOrderId } = seen;
  const named = desk.orders.get(clientOrderId ?? '') ?? findByVenueOrderId(desk, accountId, venueOrderId);
  const known = named ?? desk.orders.get(parentClientOrderId ?? '');
  const isStop = type === 'stop_market';
  return {
    ...{ accountId, symbol, side, type, price },
    purpose: named?.purpose ?? (isStop ? 'stop' : 'manual'),
    size: sub(sizeShown(desk, accountId, seen), seen.filledSize),
    botId: known?.botId ?? null,
    origin: originOf(known ?? { botId: null, foreign: true }),
  };
}

function fromBooks(desk: Desk, accountId: string): Pick<AccountPreview, 'positions' | 'orders'> {
  const row = (order: Order): Row<'orderRows'> => {
    const { symbol, side, type, purpose, price, botId } = order;
    const size = sub(order.size, order.filledSize);
    return { accountId, symbol, side, type, purpose, size, price, botId, origin: originOf(order) };
  };
  return {
    positions: positionsOf(desk, accountId).map((position) => {
      const { symbol, direction, size, botId } = position;
      return { accountId, symbol, direction, size, botId, origin: originOf(position) };
    }),
    orders: [...openOrders(desk, accountId)].map(row),
  };
}

/** Wall time of the newest thing the books know of the account's positions and orders; of the account's making at least. */
function lastSeen(desk: Desk, { account }: AccountState): number {
  const { accountId, createdAt } = account;
  const times = [
    createdAt,
    ...positionsOf(desk, accountId).map((position) => position.updatedAt),
    ...[...desk.orders.values()]
      .filter((order) => order.accountId === accountId)
      .map((order) => order.updatedAt),
  ];
  return Math.max(...times);
}
