import { z } from 'zod';
import { type Decimal, isPositive, ZERO } from '../../../../shared/domain/decimal.ts';
import type { VenueOrder } from '../../../ports/venue.ts';
import { readData } from '../answers/answer.ts';
import {
  idField,
  listOf,
  optionalDecimal,
  optionalText,
  optionalTime,
  symbolField,
} from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { closesOf, closingSide, directionOf, givenId, isYes, sideOf, triggerByOf } from '../told/words.ts';

const planSchema = z.object({
  planType: z.string(),
  /** By a call. */
  symbol: symbolField.optional(),
  /** By a push. */
  instId: symbolField.optional(),
  size: optionalDecimal,
  orderId: idField,
  clientOid: optionalText,
  executeOrderId: optionalText,
  triggerPrice: optionalDecimal,
  triggerType: optionalText,
  /** By a push it is `status`. */
  planStatus: optionalText,
  status: optionalText,
  side: optionalText,
  posSide: optionalText,
  posMode: optionalText,
  tradeSide: optionalText,
  reduceOnly: optionalText,
  cTime: optionalTime,
  uTime: optionalTime,
});

const STATUS: Record<string, VenueOrder['status']> = {
  live: 'open',
  not_trigger: 'open',
  executing: 'triggered',
  triggered: 'triggered',
  executed: 'triggered',
  fail_trigger: 'rejected',
  fail_execute: 'rejected',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

const positive = (value: Decimal | null): Decimal | null =>
  value !== null && isPositive(value) ? value : null;

const pageSchema = z
  .object({ entrustedList: listOf(planSchema), endId: optionalText })
  .nullish()
  .transform((page) => page ?? { entrustedList: [], endId: null });

/** Stops and targets, and plans to open, which wait or have ended. */
export function parsePlanPage(call: string, data: unknown): { orders: VenueOrder[]; cursor: string | null } {
  const { entrustedList, endId } = readData(call, pageSchema, data);
  return { orders: entrustedList.map(planOf), cursor: endId };
}

/** Those that changed. */
export const parsePlanPush = (data: unknown): VenueOrder[] =>
  readData('orders-algo', listOf(planSchema), data).map(planOf);

/** Of a position: they close it whole, and have no size of their own. */
const WHOLE_POSITION = /^pos_/;
const OF_POSITION = /^(pos_|profit_|loss_|moving_)/;

function planOf(told: z.output<typeof planSchema>): VenueOrder {
  const plan = told.planType.toLowerCase();
  const status = STATUS[(told.planStatus ?? told.status ?? '').toLowerCase()];
  const symbol = told.symbol ?? told.instId;
  const closes =
    OF_POSITION.test(plan) || isYes(told.reduceOnly) === true || closesOf(told.tradeSide) === true;
  const direction = directionOf(told.posSide);
  const side = closes && direction !== null ? closingSide(direction) : sideOf(told.side ?? '');
  if (side === undefined || status === undefined || symbol === undefined)
    throw new BitgetError({ kind: 'no_sense' }, { code: null, message: 'a stop of no known side or status' });
  const isTarget = plan.includes('profit');
  return {
    venueOrderId: told.orderId,
    clientOrderId: givenId(told.clientOid),
    parentClientOrderId: null,
    replacesOrderId: null,
    becameOrderId: told.executeOrderId,
    symbol,
    side,
    type: isTarget ? 'limit' : 'stop_market',
    size: WHOLE_POSITION.test(plan) ? null : positive(told.size),
    price: isTarget ? positive(told.triggerPrice) : null,
    triggerPrice: isTarget ? null : positive(told.triggerPrice),
    triggerBy: isTarget ? null : triggerByOf(told.triggerType),
    reduceOnly: closes,
    status,
    filledSize: ZERO,
    reason: status === 'cancelled' ? 'requested' : null,
    ts: told.uTime ?? told.cTime ?? 0,
  };
}

const subOrderSchema = z.object({ orderId: idField });

/** The plain orders that a stop became. */
export function parseSubOrders(data: unknown): string[] {
  return readData('order/plan-sub-order', listOf(subOrderSchema), data).map(({ orderId }) => orderId);
}
