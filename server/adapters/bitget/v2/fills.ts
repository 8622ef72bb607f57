import { z } from 'zod';
import { isPositive, neg } from '../../../../shared/domain/decimal.ts';
import type { VenueFill } from '../../../ports/venue.ts';
import { readData } from '../answers/answer.ts';
import {
  decimalField,
  idField,
  listOf,
  optionalDecimal,
  optionalText,
  optionalTime,
  symbolField,
  timeField,
} from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { feeOf } from '../told/fees.ts';
import { closesOf, givenId, isYes, sourceOf } from '../told/words.ts';
import { originalId } from './amendedIds.ts';
import { orderPushSchema, tradingSide } from './orders.ts';

/** Here negative = paid. */
const paid = (fee: ReturnType<typeof feeOf>) => ({ ...fee, fee: neg(fee.fee) });

const fillSchema = z.object({
  tradeId: idField,
  symbol: symbolField,
  orderId: idField,
  price: decimalField,
  baseVolume: decimalField,
  feeDetail: listOf(z.object({ feeCoin: optionalText, totalFee: optionalDecimal })),
  side: z.string(),
  posMode: optionalText,
  tradeSide: optionalText,
  tradeScope: optionalText,
  profit: optionalDecimal,
  cTime: timeField,
});

const pageSchema = z
  .object({ fillList: listOf(fillSchema), endId: optionalText })
  .nullish()
  .transform((page) => page ?? { fillList: [], endId: null });

/** Fills by a call carry no id of ours: who asked for them follows from their order. */
export function parseFillPage(data: unknown): { fills: VenueFill[]; cursor: string | null } {
  const { fillList, endId } = readData('order/fills', pageSchema, data);
  const fills = fillList.map((told): VenueFill => {
    const side = tradingSide({ ...told, posSide: null }, closesOf(told.tradeSide));
    if (side === undefined) throw noSide();
    return {
      fillId: told.tradeId,
      venueOrderId: told.orderId,
      clientOrderId: null,
      symbol: told.symbol,
      side,
      price: told.price,
      size: told.baseVolume,
      ...paid(feeOf(told.feeDetail.map(({ feeCoin, totalFee }) => ({ feeCoin, fee: totalFee })))),
      realisedPnl: told.profit,
      liquidity: told.tradeScope?.toLowerCase() === 'maker' ? 'maker' : 'taker',
      source: sourceOf(told.tradeSide),
      ts: told.cTime,
      cursor: told.cTime,
    };
  });
  return { fills, cursor: endId };
}

const pushSchema = orderPushSchema.extend({
  tradeId: optionalText,
  fillPrice: optionalDecimal,
  baseVolume: optionalDecimal,
  fillTime: optionalTime,
  fillFee: optionalDecimal,
  fillFeeCoin: optionalText,
  tradeScope: optionalText,
  pnl: optionalDecimal,
});

/** The fill that an order's push tells of, by which it is known whose it was; of one without a trade, none. */
export function parseFillsOfOrderPush(data: unknown): VenueFill[] {
  return readData('orders', listOf(pushSchema), data).flatMap((told): VenueFill[] => {
    const { tradeId, fillPrice, baseVolume, fillTime } = told;
    if (tradeId === null || fillPrice === null || baseVolume === null || !isPositive(baseVolume)) return [];
    const side = tradingSide(told, isYes(told.reduceOnly) === true ? true : closesOf(told.tradeSide));
    if (side === undefined) throw noSide();
    const ts = fillTime ?? told.uTime ?? 0;
    return [
      {
        fillId: tradeId,
        venueOrderId: told.orderId,
        clientOrderId: originalId(givenId(told.clientOid)),
        symbol: told.instId,
        side,
        price: fillPrice,
        size: baseVolume,
        ...paid(feeOf([{ feeCoin: told.fillFeeCoin, fee: told.fillFee }])),
        realisedPnl: told.pnl,
        liquidity: told.tradeScope?.toUpperCase() === 'M' ? 'maker' : 'taker',
        source: sourceOf(told.orderSource, told.tradeSide),
        ts,
        cursor: ts,
      },
    ];
  });
}

const noSide = () =>
  new BitgetError({ kind: 'no_sense' }, { code: null, message: 'a fill of no known side' });
