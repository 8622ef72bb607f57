import type { Side, TriggerBy } from '../../../../shared/domain/order.ts';
import type { PlaceOrder, VenueFill, VenueOrder } from '../../../ports/venue.ts';

interface Known {
  side: Side;
  clientOrderId: string | null;
  /** Of a stop. */
  triggerBy: TriggerBy | null;
  /** Of a stop: it closes the position whole. */
  isWhole: boolean;
}

/** How many orders of an account are remembered, the newest. */
const MOST = 5_000;

/** What was told of orders, for answers that leave it out: whose a fill is, by which price a stop fires. */
export class KnownOrders {
  readonly #byVenueId = new Map<string, Known>();

  placed(venueOrderId: string, { side, clientOrderId, type, triggerBy }: PlaceOrder): void {
    this.#note(venueOrderId, { side, clientOrderId, triggerBy, isWhole: type === 'stop_market' });
  }

  saw(order: VenueOrder): void {
    const { venueOrderId, side, triggerBy } = order;
    const isWhole = order.type === 'stop_market' && order.size === null;
    this.#note(venueOrderId, { side, clientOrderId: order.clientOrderId, triggerBy, isWhole });
  }

  /** Undefined: nothing was told of it. */
  of(venueOrderId: string): Known | undefined {
    return this.#byVenueId.get(venueOrderId);
  }

  /** The fill with the id of ours that its order has. */
  named(fill: VenueFill): VenueFill {
    if (fill.clientOrderId !== null) return fill;
    return { ...fill, clientOrderId: this.of(fill.venueOrderId)?.clientOrderId ?? null };
  }

  #note(venueOrderId: string, known: Known): void {
    if (venueOrderId === '') return;
    const old = this.#byVenueId.get(venueOrderId);
    this.#byVenueId.delete(venueOrderId);
    const clientOrderId = known.clientOrderId ?? old?.clientOrderId ?? null;
    this.#byVenueId.set(venueOrderId, { ...known, clientOrderId });
    if (this.#byVenueId.size <= MOST) return;
    const [oldest] = this.#byVenueId.keys();
    if (oldest !== undefined) this.#byVenueId.delete(oldest);
  }
}
