import { z } from 'zod';
import type { VenueFill } from '../../../ports/venue.ts';
import { readData } from '../answers/answer.ts';
import {
  decimalField,
  idField,
  listOf,
  optionalDecimal,
  optionalText,
  optionalTime,
  pageOf,
  symbolField,
} from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { feeOf } from '../told/fees.ts';
import { givenId, sideOf, sourceOf } from '../told/words.ts';

const fillSchema = z.object({
  execId: idField,
  orderId: idField,
  clientOid: optionalText,
  symbol: symbolField,
  side: z.string(),
  execPrice: decimalField,
  execQty: decimalField,
  execPnl: optionalDecimal,
  tradeScope: optionalText,
  tradeSide: optionalText,
  execType: optionalText,
  feeDetail: listOf(z.object({ feeCoin: optionalText, fee: optionalDecimal })),
  /** By a push. */
  execTime: optionalTime,
  /** By a call. */
  createdTime: optionalTime,
  updatedTime: optionalTime,
});

export function parseFillPage(data: unknown): { fills: VenueFill[]; cursor: string | null } {
  const { list, cursor } = readData('trade/fills', pageOf(fillSchema), data);
  return { fills: list.map(fillOf), cursor };
}

export function parseFillPush(data: unknown): VenueFill[] {
  return readData('fill', listOf(fillSchema), data).map(fillOf);
}

function fillOf(told: z.output<typeof fillSchema>): VenueFill {
  const side = sideOf(told.side);
  if (side === undefined)
    throw new BitgetError({ kind: 'no_sense' }, { code: null, message: 'a fill of no known side' });
  const ts = told.execTime ?? told.createdTime ?? told.updatedTime ?? 0;
  return {
    fillId: told.execId,
    venueOrderId: told.orderId,
    clientOrderId: givenId(told.clientOid),
    symbol: told.symbol,
    side,
    price: told.execPrice,
    size: told.execQty,
    // Positive = paid, as ours.
    ...feeOf(told.feeDetail),
    realisedPnl: told.execPnl,
    liquidity: told.tradeScope?.toLowerCase() === 'maker' ? 'maker' : 'taker',
    source: sourceOf(told.execType, told.tradeSide),
    ts,
    cursor: ts,
  };
}
