import { isZero } from '../../../../shared/domain/decimal.ts';
import type { StrategyRecord, TriggerLeg } from '../exchange/records.ts';
import type { Trader } from '../exchange/trader.ts';
import { average, marginName } from '../v3/render.ts';
import { posModeOf, posSideOf, shownSide } from './render.ts';

export type PlanType = 'normal_plan' | 'profit_plan' | 'loss_plan' | 'pos_profit' | 'pos_loss';

export function planTypeOf({ kind, mode, stopLoss }: StrategyRecord): PlanType {
  if (kind === 'trigger') return 'normal_plan';
  if (mode === 'full') return stopLoss === null ? 'pos_profit' : 'pos_loss';
  return stopLoss === null ? 'profit_plan' : 'loss_plan';
}

export const triggerOf = (strategy: StrategyRecord): TriggerLeg | null =>
  strategy.trigger ?? strategy.stopLoss ?? strategy.takeProfit;

const PLAN_STATUS: Readonly<Record<StrategyRecord['status'], string>> = {
  pending: 'live',
  success: 'executed',
  cancelled: 'cancelled',
  failed: 'fail_trigger',
};

export function planRow(strategy: StrategyRecord): Record<string, string> {
  const leg = triggerOf(strategy);
  return {
    planType: planTypeOf(strategy),
    symbol: strategy.symbol,
    size: strategy.mode === 'full' ? '' : strategy.qty,
    orderId: strategy.orderId,
    clientOid: strategy.clientOid,
    price: leg?.limit ?? '',
    callbackRatio: '',
    triggerPrice: leg?.price ?? '',
    triggerType: leg?.by === 'mark' ? 'mark_price' : 'fill_price',
    planStatus: PLAN_STATUS[strategy.status],
    side: shownSide(strategy),
    posSide: posSideOf(strategy),
    marginCoin: 'USDT',
    marginMode: marginName(strategy.marginMode),
    enterPointSource: 'API',
    tradeSide: strategy.leg === 'net' ? `${strategy.side}_single` : strategy.closes ? 'close' : 'open',
    posMode: posModeOf(strategy),
    orderType: leg?.limit == null ? 'market' : 'limit',
    orderSource: 'normal',
    cTime: String(strategy.created),
    uTime: String(strategy.updated),
    presetStopSurplusPrice: '',
    stopSurplusTriggerPrice: '',
    stopSurplusTriggerType: '',
    presetStopLossPrice: '',
    stopLossTriggerPrice: '',
    stopLossTriggerType: '',
  };
}

/** Past ones name the order that they became. */
export const pastPlan = (trader: Trader, strategy: StrategyRecord): object => ({
  ...planRow(strategy),
  executeOrderId: trader.switches.subOrdersLinked ? (strategy.sub?.orderId ?? '') : '',
  executePrice: triggerOf(strategy)?.limit ?? '',
  priceAvg:
    strategy.sub === null || isZero(strategy.sub.filled)
      ? ''
      : average(strategy.sub.value, strategy.sub.filled),
  baseVolume: strategy.sub?.filled ?? '',
});

/** No example of it is at hand: by the vendor's description. */
export const planPush = (strategy: StrategyRecord): object => {
  const row = planRow(strategy);
  return {
    instId: strategy.symbol,
    orderId: strategy.orderId,
    clientOid: strategy.clientOid,
    triggerPrice: row.triggerPrice,
    triggerType: row.triggerType,
    triggerTime: strategy.status === 'success' ? String(strategy.updated) : '',
    planType: row.planType,
    price: row.price,
    executePrice: row.price,
    size: row.size,
    actualSize: strategy.sub?.filled ?? '',
    orderType: row.orderType,
    side: row.side,
    tradeSide: row.tradeSide,
    posSide: row.posSide,
    marginCoin: 'USDT',
    status: row.planStatus,
    posMode: row.posMode,
    enterPointSource: 'API',
    cTime: row.cTime,
    uTime: row.uTime,
  };
};
