import { z } from 'zod';
import { type Decimal, isPositive, ZERO } from '../../../../shared/domain/decimal.ts';
import type { VenuePosition } from '../../../ports/venue.ts';
import { readData } from '../answers/answer.ts';
import { listOf, optionalDecimal, optionalText, pageOf, symbolField } from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { positionOf } from '../told/positions.ts';
import { directionOf } from '../told/words.ts';

const shared = {
  symbol: symbolField,
  posSide: optionalText,
  leverage: optionalDecimal,
  marginMode: optionalText,
  avgPrice: optionalDecimal,
};
const rowSchema = z.object({ ...shared, total: optionalDecimal, liquidationPrice: optionalDecimal });
const pushSchema = z.object({
  ...shared,
  /** By a push it has other names. */
  size: optionalDecimal,
  liqPrice: optionalDecimal,
  positionStatus: optionalText,
});

/** What is open. */
export function parsePositions(data: unknown): VenuePosition[] {
  return readData('position/current-position', pageOf(rowSchema), data)
    .list.map(({ total, liquidationPrice, ...told }) => read(told, total, liquidationPrice))
    .filter(({ size }) => isPositive(size));
}

/** Those that changed: never all there is, whatever the message calls itself. Of size 0: over. */
export function parsePositionPush(data: unknown): VenuePosition[] {
  return readData('position', listOf(pushSchema), data).map(({ size, liqPrice, positionStatus, ...told }) =>
    read(told, positionStatus === 'ended' ? ZERO : size, liqPrice),
  );
}

function read(
  told: Pick<z.output<typeof rowSchema>, keyof typeof shared>,
  size: Decimal | null,
  liquidationPrice: Decimal | null,
): VenuePosition {
  const direction = directionOf(told.posSide);
  if (size === null || direction === null)
    throw new BitgetError(
      { kind: 'no_sense' },
      { code: null, message: 'a position of no known side or size' },
    );
  const { symbol, leverage, marginMode, avgPrice } = told;
  return positionOf({
    symbol,
    direction,
    size,
    averagePrice: avgPrice,
    leverage,
    marginMode,
    liquidationPrice,
  });
}
