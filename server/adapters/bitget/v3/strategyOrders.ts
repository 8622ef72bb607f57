import { z } from 'zod';
import { type Decimal, isPositive, ZERO } from '../../../../shared/domain/decimal.ts';
import type { Side } from '../../../../shared/domain/order.ts';
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
import { closingSide, directionOf, givenId, isYes, sideOf, triggerByOf } from '../told/words.ts';

const strategySchema = z.object({
  orderId: idField,
  clientOid: optionalText,
  symbol: symbolField,
  qty: optionalDecimal,
  side: optionalText,
  posSide: optionalText,
  reduceOnly: optionalText,
  type: optionalText,
  status: z.string(),
  tpTriggerBy: optionalText,
  slTriggerBy: optionalText,
  takeProfit: optionalDecimal,
  stopLoss: optionalDecimal,
  triggerBy: optionalText,
  triggerPrice: optionalDecimal,
  createdTime: optionalTime,
  updatedTime: optionalTime,
});
/** In one-way mode calls may tell neither the side that trades nor the position's (?). */
export type ToldStop = Omit<VenueOrder, 'side'> & { side: Side | null };

type Told = z.output<typeof strategySchema>;

const STATUS: Record<string, VenueOrder['status']> = {
  pending: 'open',
  submitting: 'triggered',
  success: 'triggered',
  failed: 'rejected',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

/** Those that wait, which come as a bare list; what comes as a page is read as well (?). */
export function parseWaitingStrategyOrders(data: unknown): ToldStop[] {
  const call = 'trade/unfilled-strategy-orders';
  const list = Array.isArray(data) || data === null ? data : readData(call, pageOf(z.unknown()), data).list;
  return readData(call, listOf(strategySchema), list).map(strategyOrderOf);
}

export function parseStrategyOrderPage(data: unknown): { orders: ToldStop[]; cursor: string | null } {
  const { list, cursor } = readData('trade/history-strategy-orders', pageOf(strategySchema), data);
  return { orders: list.map(strategyOrderOf), cursor };
}

export function parseStrategyOrderPush(data: unknown): ToldStop[] {
  return readData('strategy-order', listOf(strategySchema), data).map(strategyOrderOf);
}

const positive = (value: Decimal | null): Decimal | null =>
  value !== null && isPositive(value) ? value : null;

/** One object may hold a stop and a target: then it is told as the stop that it is. */
function strategyOrderOf(told: Told): ToldStop {
  const status = STATUS[told.status.toLowerCase()];
  const stopLoss = positive(told.stopLoss);
  const takeProfit = positive(told.takeProfit);
  // Absent in what calls answer: then the legs tell.
  const isTpsl = told.type === null ? stopLoss !== null || takeProfit !== null : told.type === 'tpsl';
  const direction = directionOf(told.posSide);
  const side = isTpsl && direction !== null ? closingSide(direction) : (sideOf(told.side ?? '') ?? null);
  if (status === undefined)
    throw new BitgetError({ kind: 'no_sense' }, { code: null, message: 'a stop of no known status' });
  const isTarget = isTpsl && stopLoss === null;
  return {
    venueOrderId: told.orderId,
    clientOrderId: givenId(told.clientOid),
    parentClientOrderId: null,
    replacesOrderId: null,
    becameOrderId: null,
    symbol: told.symbol,
    side,
    type: isTarget ? 'limit' : 'stop_market',
    size: positive(told.qty),
    price: isTarget ? takeProfit : null,
    triggerPrice: isTarget ? null : isTpsl ? stopLoss : positive(told.triggerPrice),
    triggerBy: isTarget ? null : triggerByOf(isTpsl ? told.slTriggerBy : told.triggerBy),
    reduceOnly: isTpsl ? true : isYes(told.reduceOnly),
    status,
    filledSize: ZERO,
    reason: status === 'cancelled' ? 'requested' : null,
    ts: told.updatedTime ?? told.createdTime ?? 0,
  };
}

const subOrderSchema = z.object({ orderId: idField });
const subOrdersSchema = z.union([
  listOf(subOrderSchema),
  pageOf(subOrderSchema).transform(({ list }) => list),
]);

/** Ids of the plain orders that a stop became, as a bare list or a page (?). */
export const parseSubOrders = (data: unknown): string[] =>
  readData('trade/strategy-sub-orders', subOrdersSchema, data).map(({ orderId }) => orderId);
