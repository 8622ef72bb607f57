import { type Page, pageOf } from '../exchange/listing.ts';
import type { OrderRecord } from '../exchange/records.ts';
import { Refused } from '../exchange/refusal.ts';
import { get, type Params, type PrivateCall, post, type Route } from '../http/call.ts';
import { Failure } from '../http/failure.ts';
import { pageQuery } from '../http/pageQuery.ts';
import { listOf } from '../lists.ts';
import { askOf, attachedOf } from './asks.ts';
import { mustBeUsdt } from './marketRoutes.ts';
import { endedPosition, fillRow, orderDetail, orderRow, positionRow } from './render.ts';

export const idsOf = (params: Params): { orderId: string | undefined; clientOid: string | undefined } => {
  const orderId = params.text('orderId');
  const clientOid = params.text('clientOid');
  if (orderId === undefined && clientOid === undefined)
    throw new Refused('parameter', 'Parameter orderId, clientOid cannot both be empty');
  return { orderId, clientOid };
};

interface Named {
  orderId: string;
  clientOid: string;
}

const named = ({ orderId, clientOid }: OrderRecord): Named => ({ orderId, clientOid });

function mustFind({ params, user }: PrivateCall): OrderRecord {
  const order = user.trader.books.find(idsOf(params));
  if (order === undefined) throw new Refused('no_order', 'The order does not exist');
  return order;
}

function modify(call: PrivateCall): Named {
  const { params, user } = call;
  mustBeUsdt(params);
  const order = mustFind(call);
  const clientOid = params.must('newClientOid');
  const qty = params.decimal('newSize');
  const price = params.decimal('newPrice');
  const attached = attachedOf(params, 'newPreset');
  return named(
    user.trader.amend(order, {
      clientOid,
      ...(qty === undefined ? {} : { qty }),
      ...(price === undefined ? {} : { price }),
      ...(attached === null ? {} : { attached }),
    }),
  );
}

function cancel(call: PrivateCall): Named {
  mustBeUsdt(call.params);
  const order = mustFind(call);
  call.user.trader.cancel(order);
  return named(order);
}

interface Batch {
  successList: Named[];
  failureList: (Named & { errorMsg: string; errorCode?: string })[];
}

function cancelAll({ params, user }: PrivateCall): Batch {
  mustBeUsdt(params);
  const { trader } = user;
  const orders = [...trader.books.working.values()].filter(bySymbol(params));
  if (orders.length === 0) throw new Failure('22001', 'No order to cancel');
  for (const order of orders) trader.cancel(order);
  return { successList: orders.map(named), failureList: [] };
}

/** Without a side both of them in hedge mode. */
function close({ params, user }: PrivateCall): Batch {
  mustBeUsdt(params);
  const { trader } = user;
  const holdSide = params.oneOf('holdSide', ['long', 'short']);
  const positions = [...trader.books.positions.values()]
    .filter(bySymbol(params))
    .filter(({ direction, leg }) => leg === 'net' || holdSide === undefined || direction === holdSide);
  if (positions.length === 0) throw new Refused('no_position', 'No position to close');
  const batch: Batch = { successList: [], failureList: [] };
  for (const held of positions) {
    try {
      batch.successList.push(named(trader.close(held)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      batch.failureList.push({ orderId: '', clientOid: '', errorMsg: error.message, errorCode: '40015' });
    }
  }
  return batch;
}

export const bySymbol =
  (params: Params) =>
  ({ symbol }: { symbol: string }): boolean =>
    params.text('symbol') === undefined || params.text('symbol')?.toUpperCase() === symbol;

function orders({ params, user }: PrivateCall, kind: 'open' | 'ended'): object {
  mustBeUsdt(params);
  const { trader } = user;
  const reading = trader.read();
  const orderId = params.text('orderId');
  const clientOid = params.text('clientOid');
  const page: Page<OrderRecord> = pageOf(
    (kind === 'open' ? reading.openOrders : reading.endedOrders)
      .filter(bySymbol(params))
      .filter((order) => orderId === undefined || order.orderId === orderId)
      .filter((order) => clientOid === undefined || order.clientOid === clientOid),
    { ...pageQuery(params, 'idLessThan'), idOf: (order) => order.orderId, timeOf: ({ created }) => created },
  );
  return {
    entrustedList: listOf(
      trader,
      page.rows.map((order) => orderRow(trader, order)),
    ),
    endId: page.lastId,
  };
}

function detail(call: PrivateCall): object {
  const { params, user } = call;
  mustBeUsdt(params);
  const { orderId, clientOid } = idsOf(params);
  const { openOrders, endedOrders } = user.trader.read();
  const found = [...endedOrders, ...openOrders].findLast((order) =>
    orderId === undefined ? order.clientOid === clientOid : order.orderId === orderId,
  );
  if (found === undefined) throw new Failure('40109', 'The data of the order cannot be found');
  return orderDetail(user.trader, found);
}

function fills({ params, user }: PrivateCall): object {
  mustBeUsdt(params);
  const orderId = params.text('orderId');
  const page = pageOf(
    user.trader
      .read()
      .fills.filter(bySymbol(params))
      .filter(({ order }) => orderId === undefined || order.orderId === orderId),
    { ...pageQuery(params, 'idLessThan'), idOf: ({ fillId }) => fillId, timeOf: ({ ts }) => ts },
  );
  return { fillList: listOf(user.trader, page.rows.map(fillRow)), endId: page.lastId };
}

function positions({ params, user }: PrivateCall): object[] {
  mustBeUsdt(params);
  return user.trader.read().positions.filter(bySymbol(params)).map(positionRow);
}

function endedPositions({ params, user }: PrivateCall): object {
  const page = pageOf(user.trader.read().endedPositions.filter(bySymbol(params)), {
    ...pageQuery(params, 'idLessThan'),
    idOf: ({ positionId }) => positionId,
    timeOf: ({ updated }) => updated,
  });
  return { list: listOf(user.trader, page.rows.map(endedPosition)), endId: page.lastId };
}

export const v2TradeRoutes: readonly Route[] = [
  post('/api/v2/mix/order/place-order', 10, (call) => named(call.user.trader.place(askOf(call)))),
  post('/api/v2/mix/order/modify-order', 10, modify),
  post('/api/v2/mix/order/cancel-order', 10, cancel),
  post('/api/v2/mix/order/cancel-all-orders', 5, cancelAll),
  post('/api/v2/mix/order/close-positions', 1, close),
  get('/api/v2/mix/order/detail', 10, detail),
  get('/api/v2/mix/order/orders-pending', 10, (call) => orders(call, 'open')),
  get('/api/v2/mix/order/orders-history', 10, (call) => orders(call, 'ended')),
  get('/api/v2/mix/order/fills', 10, fills),
  get('/api/v2/mix/order/fill-history', 10, (call) => {
    if (call.user.environment === 'demo') throw new Failure('40404', 'not supported in demo trading', 404);
    return fills(call);
  }),
  get('/api/v2/mix/position/single-position', 10, positions),
  get('/api/v2/mix/position/all-position', 5, positions),
  get('/api/v2/mix/position/history-position', 20, endedPositions),
];
