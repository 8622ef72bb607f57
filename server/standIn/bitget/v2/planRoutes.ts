import { pageOf } from '../exchange/listing.ts';
import type { StrategyRecord } from '../exchange/records.ts';
import { Refused } from '../exchange/refusal.ts';
import { get, type Params, type PrivateCall, post, type Route } from '../http/call.ts';
import { pageQuery } from '../http/pageQuery.ts';
import { emptyList, listOf } from '../lists.ts';
import { symbolOf } from '../v3/marketRoutes.ts';
import { legOf, PLAN_LEG, placeOfHold, tpslAskOf, whatOf } from './asks.ts';
import { mustBeUsdt } from './marketRoutes.ts';
import { pastPlan, planRow, planTypeOf } from './plans.ts';
import { bySymbol, idsOf } from './tradeRoutes.ts';

const PROFIT_LOSS = 'profit_loss';

/** Position TP/SL orders are found under their own type, or listed with `profit_loss`. */
const isOf = (planType: string, strategy: StrategyRecord): boolean =>
  planTypeOf(strategy) === planType || (planType === PROFIT_LOSS && strategy.kind === 'tpsl');

function mustFind({ params, user }: PrivateCall): StrategyRecord {
  const strategy = user.trader.books.findStrategy(idsOf(params));
  if (strategy === undefined) throw new Refused('no_stop', 'The TPSL order does not exist');
  return strategy;
}

const named = ({ orderId, clientOid }: StrategyRecord): { orderId: string; clientOid: string } => ({
  orderId,
  clientOid,
});

function modifyTpsl(call: PrivateCall): object {
  const { params, user } = call;
  mustBeUsdt(params);
  const strategy = mustFind(call);
  const former = strategy.stopLoss ?? strategy.takeProfit;
  params.must('triggerPrice');
  const asked = legOf(params, PLAN_LEG);
  const leg =
    asked === null
      ? former
      : { ...asked, by: params.text('triggerType') === undefined ? (former?.by ?? asked.by) : asked.by };
  const qty = params.decimal('size');
  user.trader.strategies.change(strategy, {
    ...(qty === undefined ? {} : { qty }),
    ...(leg === null ? {} : strategy.stopLoss === null ? { takeProfit: leg } : { stopLoss: leg }),
  });
  return named(strategy);
}

function placePosition(call: PrivateCall): object[] {
  const { params, user } = call;
  mustBeUsdt(params);
  const place = placeOfHold(user.trader, symbolOf(call), params.must('holdSide'));
  const made: object[] = [];
  for (const leg of ['stopSurplus', 'stopLoss'] as const) {
    const names = { price: `${leg}TriggerPrice`, by: `${leg}TriggerType`, limit: `${leg}ExecutePrice` };
    const trigger = legOf(params, names);
    if (trigger === null) continue;
    const clientOid = params.text(`${leg}ClientOid`);
    const size = params.decimal(`${leg}Size`);
    const { orderId, clientOid: name } = user.trader.strategies.place({
      ...place,
      kind: 'tpsl',
      mode: size === undefined ? 'full' : 'partial',
      qty: size ?? ('0' as typeof trigger.price),
      takeProfit: leg === 'stopSurplus' ? trigger : null,
      stopLoss: leg === 'stopLoss' ? trigger : null,
      trigger: null,
      closes: true,
      clientOid,
    });
    made.push({
      orderId,
      stopSurplusClientOid: leg === 'stopSurplus' ? name : '',
      stopLossClientOid: leg === 'stopLoss' ? name : '',
    });
  }
  return made;
}

/** On the wrong side of the price it is taken too, and fires at once. */
function placePlan(call: PrivateCall): object {
  const { params, user } = call;
  mustBeUsdt(params);
  const trigger = legOf(params, { ...PLAN_LEG, limit: 'price' });
  if (trigger === null) throw new Refused('parameter', 'Parameter triggerPrice cannot be empty');
  return named(
    user.trader.strategies.place({
      symbol: symbolOf(call),
      ...whatOf(call),
      marginMode:
        params.mustBeOneOf('marginMode', ['isolated', 'crossed']) === 'crossed' ? 'cross' : 'isolated',
      kind: 'trigger',
      mode: 'partial',
      qty: params.mustBeDecimal('size'),
      takeProfit: null,
      stopLoss: null,
      trigger: params.text('orderType') === 'market' ? { ...trigger, limit: null } : trigger,
      clientOid: params.text('clientOid'),
    }),
  );
}

function cancelPlan({ params, user }: PrivateCall): object {
  mustBeUsdt(params);
  const { trader } = user;
  const planType = params.text('planType') ?? 'normal_plan';
  const asked = params.list('orderIdList');
  const one = params.text('orderId') ?? params.text('clientOid');
  const wanted = one === undefined ? asked : [params];
  const pending = trader.books.pendingStrategies().filter(bySymbol(params));
  const found =
    wanted.length === 0 ? pending : wanted.map((ids: Params) => trader.books.findStrategy(idsOf(ids)));
  const successList: object[] = [];
  const failureList: object[] = [];
  found.forEach((strategy, index) => {
    if (strategy === undefined || strategy.status !== 'pending') {
      const ids = wanted[index];
      const orderId = ids?.text('orderId') ?? '';
      failureList.push({ orderId, clientOid: ids?.text('clientOid') ?? '', errorMsg: 'notExistend' });
      // Under another type it is not seen: the answer is empty, and nothing is cancelled.
    } else if (isOf(planType, strategy) && !(planType === PROFIT_LOSS && strategy.mode === 'full')) {
      trader.strategies.cancel(strategy);
      successList.push(named(strategy));
    }
  });
  return { successList, failureList };
}

function pending({ params, user }: PrivateCall): object {
  mustBeUsdt(params);
  const { trader } = user;
  const planType = params.text('planType') ?? 'normal_plan';
  const orderId = params.text('orderId');
  const clientOid = params.text('clientOid');
  const page = pageOf(
    trader
      .read()
      .strategies.filter((one) => one.status === 'pending' && isOf(planType, one))
      .filter(bySymbol(params))
      .filter((one) => orderId === undefined || one.orderId === orderId)
      .filter((one) => clientOid === undefined || one.clientOid === clientOid),
    { ...pageQuery(params, 'idLessThan'), idOf: (one) => one.orderId, timeOf: ({ created }) => created },
  );
  return { entrustedList: listOf(trader, page.rows.map(planRow)), endId: page.lastId };
}

function past({ params, user }: PrivateCall): object {
  mustBeUsdt(params);
  const { trader } = user;
  const planType = params.text('planType') ?? 'normal_plan';
  const page = pageOf(
    trader
      .read()
      .strategies.filter((one) => one.status !== 'pending' && isOf(planType, one))
      .filter(bySymbol(params)),
    { ...pageQuery(params, 'idLessThan'), idOf: ({ orderId }) => orderId, timeOf: ({ created }) => created },
  );
  const rows = page.rows.map((one) => pastPlan(trader, one));
  return { entrustedList: listOf(trader, rows), endId: page.lastId };
}

function subOrders({ params, user }: PrivateCall): object[] | null {
  const { trader } = user;
  const sub = trader.books.findStrategy({ orderId: params.must('planOrderId') })?.sub ?? null;
  if (sub === null || !trader.switches.subOrdersLinked) return emptyList(trader);
  const { orderId, price, type, status } = sub;
  return [{ orderId, price: price ?? '', type, status: status === 'filled' ? 'success' : status }];
}

export const v2PlanRoutes: readonly Route[] = [
  post('/api/v2/mix/order/place-tpsl-order', 10, (call) =>
    named(call.user.trader.strategies.place(tpslAskOf(call))),
  ),
  post('/api/v2/mix/order/place-pos-tpsl', 10, placePosition),
  post('/api/v2/mix/order/place-plan-order', 10, placePlan),
  post('/api/v2/mix/order/modify-tpsl-order', 10, modifyTpsl),
  post('/api/v2/mix/order/cancel-plan-order', 10, cancelPlan),
  get('/api/v2/mix/order/orders-plan-pending', 10, pending),
  get('/api/v2/mix/order/orders-plan-history', 10, past),
  get('/api/v2/mix/order/plan-sub-order', 10, subOrders),
];
