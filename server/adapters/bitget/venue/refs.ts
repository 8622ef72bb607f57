import type { VenueOrder, VenueOrderRef } from '../../../ports/venue.ts';
import { BitgetError } from '../errors/bitgetError.ts';

/** The one that a reference means: where its two ids disagree, ours decides. */
export function findIn(orders: readonly VenueOrder[], ref: VenueOrderRef): VenueOrder | undefined {
  const { clientOrderId, venueOrderId } = ref;
  const ours = clientOrderId === null ? undefined : orders.find((one) => one.clientOrderId === clientOrderId);
  return (
    ours ?? (venueOrderId === null ? undefined : orders.find((one) => one.venueOrderId === venueOrderId))
  );
}

export const isNoSuchOrder = (error: unknown): boolean =>
  error instanceof BitgetError && error.fault.kind === 'refused' && error.fault.as === 'no_such_order';

export const noSuchOrder = (message: string): BitgetError =>
  new BitgetError({ kind: 'refused', as: 'no_such_order' }, { code: null, message });

/**
 * Tries what names an order by each of its ids, ours first, which stays while the exchange's may change. Only where it is not
 * there by one, the other is tried.
 */
export async function byEitherId<T>(
  { clientOrderId, venueOrderId }: VenueOrderRef,
  attempt: (ids: { orderId?: string; clientOid?: string }) => Promise<T>,
): Promise<T> {
  if (clientOrderId === null) return attempt({ orderId: venueOrderId ?? '' });
  try {
    return await attempt({ clientOid: clientOrderId });
  } catch (error) {
    if (venueOrderId === null || !isNoSuchOrder(error)) throw error;
    return attempt({ orderId: venueOrderId });
  }
}
