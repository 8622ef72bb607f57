import { z } from 'zod';
import { isPositive, ZERO } from '../../../../shared/domain/decimal.ts';
import type { Side } from '../../../../shared/domain/order.ts';
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
import {
  closesOf,
  closingSide,
  directionOf,
  endingOf,
  givenId,
  isYes,
  sideOf,
  timeInForceOf,
} from '../told/words.ts';
import { originalId } from './amendedIds.ts';

const shared = {
  orderId: idField,
  clientOid: optionalText,
  size: optionalDecimal,
  price: optionalDecimal,
  side: z.string(),
  posSide: optionalText,
  posMode: optionalText,
  tradeSide: optionalText,
  reduceOnly: optionalText,
  orderType: z.string(),
  orderSource: optionalText,
  force: optionalText,
  cancelReason: optionalText,
  cTime: optionalTime,
  uTime: optionalTime,
};
/** By a call: `baseVolume` is what has filled; a look-up says `state`, a list `status`. */
const rowSchema = z.object({
  ...shared,
  symbol: symbolField,
  baseVolume: optionalDecimal,
  state: optionalText,
  status: optionalText,
});
/** By a push: `accBaseVolume` is what has filled, and `baseVolume` of the last fill alone. */
export const orderPushSchema = z.object({
  ...shared,
  instId: symbolField,
  accBaseVolume: optionalDecimal,
  status: z.string(),
});

type Told = z.output<z.ZodObject<typeof shared>>;

const STATUS: Record<string, VenueOrder['status']> = {
  live: 'open',
  init: 'open',
  new: 'open',
  partially_filled: 'partially_filled',
  filled: 'filled',
  canceled: 'cancelled',
  cancelled: 'cancelled',
};

export function parseOrder(data: unknown): VenueOrder {
  const { symbol, baseVolume, state, status, ...told } = readData('order/detail', rowSchema, data);
  return orderOf(told, { symbol, status: state ?? status, filledSize: baseVolume });
}

const pageSchema = z
  .object({ entrustedList: listOf(rowSchema), endId: optionalText })
  .nullish()
  .transform((page) => page ?? { entrustedList: [], endId: null });

export function parseOrderPage(call: string, data: unknown): { orders: VenueOrder[]; cursor: string | null } {
  const { entrustedList, endId } = readData(call, pageSchema, data);
  const orders = entrustedList.map(({ symbol, baseVolume, state, status, ...told }) =>
    orderOf(told, { symbol, status: state ?? status, filledSize: baseVolume }),
  );
  return { orders, cursor: endId };
}

export function parseOrderPush(data: unknown): VenueOrder[] {
  return readData('orders', listOf(orderPushSchema), data).map(({ instId, accBaseVolume, status, ...told }) =>
    orderOf(told, { symbol: instId, status, filledSize: accBaseVolume }),
  );
}

function orderOf(
  told: Told,
  named: { symbol: string; status: string | null; filledSize: VenueOrder['size'] },
): VenueOrder {
  const status = STATUS[named.status?.toLowerCase() ?? ''];
  const closes = closingOf(told);
  const side = tradingSide(told, closes);
  if (side === undefined || status === undefined)
    throw new BitgetError(
      { kind: 'no_sense' },
      { code: null, message: 'an order of no known side or status' },
    );
  const timeInForce = timeInForceOf(told.force);
  const isMarket = told.orderType.toLowerCase() === 'market';
  return {
    venueOrderId: told.orderId,
    clientOrderId: originalId(givenId(told.clientOid)),
    parentClientOrderId: null,
    replacesOrderId: null,
    becameOrderId: null,
    symbol: named.symbol,
    side,
    type: isMarket ? 'market' : 'limit',
    size: told.size !== null && isPositive(told.size) ? told.size : null,
    price: !isMarket && told.price !== null && isPositive(told.price) ? told.price : null,
    triggerPrice: null,
    triggerBy: null,
    reduceOnly: closes,
    status,
    filledSize: named.filledSize ?? ZERO,
    reason: endingOf(status, told.cancelReason ?? told.orderSource, timeInForce),
    ts: told.uTime ?? told.cTime ?? 0,
  };
}

/** Whether it closes: in one-way mode by its own word, in hedge mode by what is done with a side. Null: it is not told. */
function closingOf(told: Pick<Told, 'posMode' | 'tradeSide' | 'reduceOnly'>): boolean | null {
  if (isYes(told.reduceOnly) === true) return true;
  return told.posMode === 'hedge_mode' ? closesOf(told.tradeSide) : isYes(told.reduceOnly);
}

/** The side that trades. In hedge mode the exchange tells the position's side instead: what closes a long says `buy`. */
export function tradingSide(
  told: Pick<Told, 'side' | 'posSide' | 'posMode' | 'tradeSide'>,
  closes: boolean | null,
): Side | undefined {
  if (told.posMode !== 'hedge_mode' || closes !== true) return sideOf(told.side);
  const named = /long|short/.exec(told.tradeSide?.toLowerCase() ?? '')?.[0];
  const direction = directionOf(named ?? told.posSide) ?? directionOf(told.side);
  return direction === null ? undefined : closingSide(direction);
}
