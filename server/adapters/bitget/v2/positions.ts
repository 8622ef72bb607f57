import { z } from 'zod';
import { isPositive, ZERO } from '../../../../shared/domain/decimal.ts';
import type { VenuePosition } from '../../../ports/venue.ts';
import { readData } from '../answers/answer.ts';
import { decimalField, listOf, optionalDecimal, optionalText, symbolField } from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { positionOf } from '../told/positions.ts';
import { directionOf } from '../told/words.ts';

const shared = {
  holdSide: z.string(),
  total: decimalField,
  openPriceAvg: optionalDecimal,
  leverage: optionalDecimal,
  marginMode: optionalText,
  liquidationPrice: optionalDecimal,
};
const rowSchema = z.object({ ...shared, symbol: symbolField });
const pushSchema = z.object({ ...shared, instId: symbolField });

/** What is open. */
export function parsePositions(call: string, data: unknown): VenuePosition[] {
  return readData(call, listOf(rowSchema), data)
    .map(({ symbol, ...told }) => read(symbol, told))
    .filter(({ size }) => isPositive(size));
}

export function parsePositionPush(data: unknown): VenuePosition[] {
  return readData('positions', listOf(pushSchema), data).map(({ instId, ...told }) => read(instId, told));
}

function read(symbol: string, told: z.output<z.ZodObject<typeof shared>>): VenuePosition {
  const direction = directionOf(told.holdSide);
  if (direction === null)
    throw new BitgetError({ kind: 'no_sense' }, { code: null, message: 'a position of no known side' });
  const { total, openPriceAvg, leverage, marginMode, liquidationPrice } = told;
  const averagePrice = openPriceAvg ?? ZERO;
  return positionOf({ symbol, direction, size: total, averagePrice, leverage, marginMode, liquidationPrice });
}
