import type { Direction } from '../../../../shared/domain/position.ts';
import type { PlaceOrder } from '../../../ports/venue.ts';
import { BitgetError } from '../errors/bitgetError.ts';

/** The position that an order opens, adds to or closes: what reduces only trades against it. */
export const positionSideOf = ({ side, reduceOnly }: Pick<PlaceOrder, 'side' | 'reduceOnly'>): Direction =>
  (side === 'buy') === reduceOnly ? 'short' : 'long';

export const isStop = ({ type }: Pick<PlaceOrder, 'type'>): boolean => type === 'stop_market';

/** What cannot be asked for here at all. */
export function mustBePossible(order: PlaceOrder): void {
  // One on the wrong side of the price is accepted, and fires at once.
  if (isStop(order) && !order.reduceOnly)
    throw new BitgetError(
      { kind: 'refused', as: 'other' },
      { code: null, message: 'no entries by a trigger' },
    );
}
