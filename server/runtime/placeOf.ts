import type { Order } from '../../shared/domain/order.ts';
import type { PlaceOrder } from '../ports/venue.ts';

/** An order of ours as the venue is told it. */
export function placeOf(order: Order): PlaceOrder {
  return {
    account: { accountId: order.accountId },
    clientOrderId: order.orderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    size: order.size,
    price: order.price,
    triggerPrice: order.triggerPrice,
    triggerBy: order.triggerBy,
    timeInForce: order.timeInForce,
    reduceOnly: order.reduceOnly,
    attachedStop: order.attachedStop,
    notAfter: order.notAfter,
  };
}
