import { pageOf } from '../exchange/listing.ts';
import type { StrategyRecord } from '../exchange/records.ts';
import { Refused } from '../exchange/refusal.ts';
import { get, type PrivateCall, post, type Route } from '../http/call.ts';
import { pageQuery } from '../http/pageQuery.ts';
import { listOf } from '../lists.ts';
import { legOf, strategyAskOf, triggerOf } from './asks.ts';
import { strategyRow } from './render.ts';
import { idsOf } from './tradeRoutes.ts';

function mustFind({ params, user }: PrivateCall): StrategyRecord {
  const strategy = user.trader.books.findStrategy(idsOf(params));
  if (strategy === undefined) throw new Refused('no_plan', 'The order does not exist');
  return strategy;
}

const named = ({ orderId, clientOid }: StrategyRecord): object => ({ orderId, clientOid });

function modify(call: PrivateCall): object {
  const { params, user } = call;
  const strategy = mustFind(call);
  const qty = params.decimal('qty');
  const takeProfit = legOf(params, 'tp');
  const stopLoss = legOf(params, 'sl');
  const trigger = triggerOf(params);
  user.trader.strategies.change(strategy, {
    ...(qty === undefined ? {} : { qty }),
    ...(takeProfit === null ? {} : { takeProfit }),
    ...(stopLoss === null ? {} : { stopLoss }),
    ...(trigger === null ? {} : { trigger }),
  });
  return named(strategy);
}

function history(call: PrivateCall): object {
  const { params, user } = call;
  const { trader } = user;
  const symbol = params.text('symbol');
  const type = params.text('type');
  const { rows, lastId } = pageOf(
    trader
      .read()
      .strategies.filter(({ status }) => status !== 'pending')
      .filter((one) => symbol === undefined || one.symbol === symbol)
      .filter((one) => type === undefined || one.kind === type),
    { ...pageQuery(params, 'cursor'), idOf: ({ orderId }) => orderId, timeOf: ({ created }) => created },
  );
  return {
    list: listOf(
      trader,
      rows.map((one) => strategyRow(trader, one)),
    ),
    cursor: lastId,
  };
}

function pending({ params, user }: PrivateCall): object[] | null {
  const { trader } = user;
  const symbol = params.text('symbol');
  const type = params.text('type');
  const rows = trader
    .read()
    .strategies.filter(({ status }) => status === 'pending')
    .filter((one) => symbol === undefined || one.symbol === symbol)
    .filter((one) => type === undefined || one.kind === type);
  return listOf(
    trader,
    rows.map((one) => strategyRow(trader, one)),
  );
}

/** What documents the order that a triggered one became. */
function subOrders(call: PrivateCall): object[] | null {
  const { trader } = call.user;
  const { sub } = mustFind(call);
  if (sub === null || !trader.switches.subOrdersLinked) return listOf(trader, []);
  const { orderId, type, price, status } = sub;
  return [{ orderId, price: price ?? '', type, status: status === 'filled' ? 'success' : status }];
}

export const v3StrategyRoutes: readonly Route[] = [
  post('/api/v3/trade/place-strategy-order', 10, (call) =>
    named(call.user.trader.strategies.place(strategyAskOf(call))),
  ),
  post('/api/v3/trade/modify-strategy-order', 10, modify),
  post('/api/v3/trade/cancel-strategy-order', 10, (call) => {
    call.user.trader.strategies.cancel(mustFind(call));
    return null;
  }),
  get('/api/v3/trade/unfilled-strategy-orders', 20, pending),
  get('/api/v3/trade/history-strategy-orders', 20, history),
  get('/api/v3/trade/strategy-sub-orders', 10, subOrders),
];
