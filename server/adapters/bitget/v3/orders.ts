import { z } from 'zod';
import { isPositive, ZERO } from '../../../../shared/domain/decimal.ts';
import type { VenueOrder } from '../../../ports/venue.ts';
import { readData } from '../answers/answer.ts';
import {
  idField,
  listOf,
  optionalDecimal,
  optionalText,
  optionalTime,
  pageOf,
  symbolField,
} from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { closesOf, directionOf, endingOf, givenId, isYes, sideOf, timeInForceOf } from '../told/words.ts';

const orderSchema = z.object({
  orderId: idField,
  clientOid: optionalText,
  symbol: symbolField,
  orderType: z.string(),
  side: z.string(),
  price: optionalDecimal,
  qty: optionalDecimal,
  cumExecQty: optionalDecimal,
  timeInForce: optionalText,
  orderStatus: z.string(),
  /** By a call. */
  posSide: optionalText,
  /** By a push. */
  holdSide: optionalText,
  holdMode: optionalText,
  tradeSide: optionalText,
  reduceOnly: optionalText,
  cancelReason: optionalText,
  execType: optionalText,
  createdTime: optionalTime,
  updatedTime: optionalTime,
});
type Told = z.output<typeof orderSchema>;

const STATUS: Record<string, VenueOrder['status']> = {
  live: 'open',
  new: 'open',
  partially_filled: 'partially_filled',
  filled: 'filled',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  rejected: 'rejected',
};

/** One order, as it is looked up. */
export function parseOrder(data: unknown): VenueOrder {
  return orderOf(readData('trade/order-info', orderSchema, data));
}

/** A page of orders, working or ended. */
export function parseOrderPage(call: string, data: unknown): { orders: VenueOrder[]; cursor: string | null } {
  const { list, cursor } = readData(call, pageOf(orderSchema), data);
  return { orders: list.map(orderOf), cursor };
}

export function parseOrderPush(data: unknown): VenueOrder[] {
  return readData('order', listOf(orderSchema), data).map(orderOf);
}

function orderOf(told: Told): VenueOrder {
  const side = sideOf(told.side);
  const status = STATUS[told.orderStatus.toLowerCase()];
  if (side === undefined || status === undefined)
    throw new BitgetError(
      { kind: 'no_sense' },
      { code: null, message: 'an order of no known side or status' },
    );
  const timeInForce = timeInForceOf(told.timeInForce);
  const isMarket = told.orderType.toLowerCase() === 'market';
  return {
    venueOrderId: told.orderId,
    clientOrderId: givenId(told.clientOid),
    parentClientOrderId: null,
    replacesOrderId: null,
    becameOrderId: null,
    symbol: told.symbol,
    side,
    type: isMarket ? 'market' : 'limit',
    size: told.qty !== null && isPositive(told.qty) ? told.qty : null,
    price: !isMarket && told.price !== null && isPositive(told.price) ? told.price : null,
    triggerPrice: null,
    triggerBy: null,
    reduceOnly: reducesOnly(told, side),
    status,
    filledSize: told.cumExecQty ?? ZERO,
    reason: endingOf(status, told.cancelReason ?? told.execType, timeInForce),
    ts: told.updatedTime ?? told.createdTime ?? 0,
  };
}

/**
 * In hedge mode what closes reads back as not reduce-only: which it is follows from the side that trades and the side of the
 * position. In one-way mode the side of the position may be told as well, and says nothing.
 */
function reducesOnly(told: Told, side: 'buy' | 'sell'): boolean | null {
  if (isYes(told.reduceOnly) === true) return true;
  const direction = directionOf(told.posSide ?? told.holdSide);
  if (told.holdMode === 'hedge_mode' && direction !== null)
    return (direction === 'long') === (side === 'sell');
  if (told.holdMode === 'hedge_mode') return closesOf(told.tradeSide);
  return isYes(told.reduceOnly);
}
