import type { VenueFill, VenueOrder } from '../../../ports/venue.ts';
import type { SimulatedAccount } from '../account/state.ts';
import { SETTLE_COIN } from '../prices/instruments.ts';

/** Before fills and bills had cursors of their own, an account counted both together. */
type Stored = SimulatedAccount | (Omit<SimulatedAccount, 'cursors'> & { cursor: number });

/** An account as any version of this venue has stored it. */
export function storedAccount(text: string): SimulatedAccount {
  const stored = JSON.parse(text) as Stored;
  const orders = stored.orders.map(withEveryId);
  if ('cursors' in stored) return { ...stored, orders };
  const { cursor, ...account } = stored;
  return { ...account, orders, cursors: { fills: cursor, bills: cursor } };
}

export const storedOrder = (text: string): VenueOrder => withEveryId(JSON.parse(text) as VenueOrder);

/** Fees were once paid in the settlement coin alone. */
export function storedFill(text: string): VenueFill {
  const fill = JSON.parse(text) as VenueFill;
  return 'feeCoin' in fill ? fill : { ...(fill as VenueFill), feeCoin: SETTLE_COIN };
}

/** Before amendments gave other ids, and stops that fired became other orders, nothing was said of it. */
const withEveryId = <T extends VenueOrder>(order: T): T =>
  'replacesOrderId' in order ? order : { ...(order as T), replacesOrderId: null, becameOrderId: null };
