import type { History } from '../../ports/projections.ts';
import { orderOf } from './events.ts';

/** History with the orders that older servers wrote down among its rows, which say why they ended as sentences. */
export function withOlderOrders(history: History): History {
  return {
    orders: async (deskId, filter) => {
      const page = await history.orders(deskId, filter);
      return { ...page, items: page.items.map(orderOf) };
    },
    fills: (deskId, filter) => history.fills(deskId, filter),
    trades: (deskId, filter) => history.trades(deskId, filter),
    equity: (deskId, filter) => history.equity(deskId, filter),
    bills: (deskId, filter) => history.bills(deskId, filter),
  };
}
