import { pageOf } from '../exchange/listing.ts';
import type { OrderRecord } from '../exchange/records.ts';
import { Refused } from '../exchange/refusal.ts';
import { get, type Params, type PrivateCall, post, type Route } from '../http/call.ts';
import { pageQuery } from '../http/pageQuery.ts';
import { listOf } from '../lists.ts';
import { askOf, attachedOf, mustBeReady } from './asks.ts';
import { mustBeFutures } from './marketRoutes.ts';
import { endedOrder, endedPosition, fillRow, openOrder, orderInfo, positionRow } from './render.ts';

const FILLS_MS = 30 * 24 * 3_600_000;

export const idsOf = (params: Params): { orderId?: string; clientOid?: string } => {
  const orderId = params.text('orderId');
  const clientOid = params.text('clientOid');
  if (orderId === undefined && clientOid === undefined)
    throw new Refused('parameter', 'Parameter orderId, clientOid cannot both be empty');
  return { ...(orderId === undefined ? {} : { orderId }), ...(clientOid === undefined ? {} : { clientOid }) };
};

function mustFind({ params, user }: PrivateCall): OrderRecord {
  const order = user.trader.books.find(idsOf(params));
  if (order === undefined) throw new Refused('no_order', 'The order does not exist');
  return order;
}

interface Ids {
  orderId: string | null;
  clientOid: string;
}

const named = ({ orderId, clientOid }: OrderRecord): Ids => ({ orderId, clientOid });

function place(call: PrivateCall): Ids {
  const { trader } = call.user;
  const before = new Set(trader.books.working.keys());
  const order = trader.place(askOf(call));
  const replaced = [...before].some(
    (id) =>
      trader.books.orders.get(id)?.cancelReason === 'reduce_only_replaced' && !trader.books.working.has(id),
  );
  return replaced ? { orderId: null, clientOid: order.clientOid } : named(order);
}

function modify(call: PrivateCall): Ids {
  const { params, user } = call;
  mustBeReady(user);
  const order = mustFind(call);
  const price = params.decimal('price');
  const qty = params.decimal('qty');
  const attached = attachedOf(params);
  if (price === undefined && qty === undefined && attached === null)
    throw new Refused('parameter', 'Parameter qty, price cannot both be empty');
  const change = {
    ...(price === undefined ? {} : { price }),
    ...(qty === undefined ? {} : { qty }),
    ...(attached === null ? {} : { attached }),
  };
  const amended = user.trader.amend(order, change);
  return named(amended);
}

function cancel(call: PrivateCall): Ids {
  const order = mustFind(call);
  call.user.trader.cancel(order);
  return named(order);
}

interface ItemAnswer extends Ids {
  code: string;
  msg: string;
}

const done = (order: OrderRecord): ItemAnswer => ({ ...named(order), code: '00000', msg: 'success' });

function cancelAll({ params, user }: PrivateCall): object {
  mustBeFutures(params);
  const { trader } = user;
  const symbol = params.text('symbol');
  const orders = [...trader.books.working.values()].filter(
    (order) => symbol === undefined || order.symbol === symbol,
  );
  for (const order of orders) trader.cancel(order);
  return { list: listOf(trader, orders.map(done)) };
}

function closeAll({ params, user }: PrivateCall): object {
  mustBeFutures(params);
  const { trader } = user;
  const symbol = params.text('symbol');
  const posSide = params.oneOf('posSide', ['long', 'short']);
  const positions = [...trader.books.positions.values()].filter(
    (held) =>
      (symbol === undefined || held.symbol === symbol) &&
      (posSide === undefined || held.direction === posSide),
  );
  if (positions.length === 0 && symbol !== undefined)
    return { list: [{ orderId: '', clientOid: '', code: '24056', msg: 'notExisted' }] };
  return {
    list: listOf(
      trader,
      positions.map((held) => done(trader.close(held))),
    ),
  };
}

const bySymbol =
  (params: Params) =>
  ({ symbol }: { symbol: string }): boolean =>
    params.text('symbol') === undefined || params.text('symbol') === symbol;

function orders(call: PrivateCall, kind: 'open' | 'ended'): object {
  const { params, user } = call;
  const { trader } = user;
  if (kind === 'ended') mustBeFutures(params);
  const reading = trader.read();
  const { rows, lastId } = pageOf(
    (kind === 'open' ? reading.openOrders : reading.endedOrders).filter(bySymbol(params)),
    { ...pageQuery(params, 'cursor'), idOf: ({ orderId }) => orderId, timeOf: ({ created }) => created },
  );
  const render = kind === 'open' ? openOrder : endedOrder;
  return {
    list: listOf(
      trader,
      rows.map((order) => render(trader, order)),
    ),
    cursor: lastId,
  };
}

function fills({ params, user, exchange }: PrivateCall): object {
  const { trader } = user;
  const orderId = params.text('orderId');
  const query = pageQuery(params, 'cursor');
  if (query.start !== undefined && (query.end ?? exchange.now()) - query.start > FILLS_MS)
    throw new Refused('parameter', 'The time range is longer than 30 days');
  const { rows, lastId } = pageOf(
    trader
      .read()
      .fills.filter(bySymbol(params))
      .filter(({ order }) => orderId === undefined || order.orderId === orderId),
    { ...query, idOf: ({ fillId }) => fillId, timeOf: ({ ts }) => ts },
  );
  return { list: listOf(trader, rows.map(fillRow)), cursor: lastId };
}

function positions({ params, user }: PrivateCall): object {
  mustBeFutures(params);
  const { trader } = user;
  const posSide = params.text('posSide');
  const held = trader
    .read()
    .positions.filter(bySymbol(params))
    .filter(({ direction }) => posSide === undefined || direction === posSide);
  return { list: listOf(trader, held.map(positionRow)) };
}

function endedPositions({ params, user }: PrivateCall): object {
  mustBeFutures(params);
  const { trader } = user;
  const { rows, lastId } = pageOf(trader.read().endedPositions.filter(bySymbol(params)), {
    ...pageQuery(params, 'cursor'),
    idOf: ({ positionId }) => positionId,
    timeOf: ({ updated }) => updated,
  });
  return { list: listOf(trader, rows.map(endedPosition)), cursor: lastId };
}

function orderOf(call: PrivateCall): object {
  const { params, user } = call;
  const { orderId, clientOid } = idsOf(params);
  const { openOrders, endedOrders } = user.trader.read();
  const found = [...endedOrders, ...openOrders].findLast((order) =>
    orderId === undefined ? order.clientOid === clientOid : order.orderId === orderId,
  );
  if (found === undefined) throw new Refused('no_order', 'The order does not exist');
  return orderInfo(user.trader, found);
}

export const v3TradeRoutes: readonly Route[] = [
  post('/api/v3/trade/place-order', 10, place),
  post('/api/v3/trade/modify-order', 10, modify),
  post('/api/v3/trade/cancel-order', 10, cancel),
  post('/api/v3/trade/cancel-symbol-order', 5, cancelAll),
  post('/api/v3/trade/close-positions', 5, closeAll),
  post('/api/v3/trade/countdown-cancel-all', 1, ({ params, user }) => {
    const seconds = params.number('countdown') ?? Number.NaN;
    if (seconds !== 0 && !(seconds >= 5 && seconds <= 60))
      throw new Refused('parameter', 'Parameter countdown error');
    user.trader.countdown(seconds * 1_000);
    return 'success';
  }),
  get('/api/v3/trade/order-info', 20, orderOf),
  get('/api/v3/trade/unfilled-orders', 20, (call) => orders(call, 'open')),
  get('/api/v3/trade/history-orders', 20, (call) => orders(call, 'ended')),
  get('/api/v3/trade/fills', 20, fills),
  get('/api/v3/position/current-position', 20, positions),
  get('/api/v3/position/history-position', 20, endedPositions),
];
