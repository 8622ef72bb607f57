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
  /** Former ids, by those that orders were given when they were changed. */
  readonly #former = new Map<string, string>();

  placed(venueOrderId: string, { side, clientOrderId, type, triggerBy }: PlaceOrder): void {
    this.#note(venueOrderId, { side, clientOrderId, triggerBy, isWhole: type === 'stop_market' });
  }

  /** Answers it completed. */
  saw(order: VenueOrder): VenueOrder {
    const { venueOrderId, side, triggerBy } = order;
    const isWhole = order.type === 'stop_market' && order.size === null;
    this.#note(venueOrderId, { side, clientOrderId: order.clientOrderId, triggerBy, isWhole });
    return this.completed(order);
  }

  replaced(formerId: string, venueOrderId: string): void {
    if (formerId === venueOrderId) return;
    const known = this.#byVenueId.get(formerId);
    if (known !== undefined) this.#note(venueOrderId, known);
    this.#former.set(venueOrderId, formerId);
  }

  /** The order with what the exchange leaves out of it. */
  completed(order: VenueOrder): VenueOrder {
    const { venueOrderId, clientOrderId } = order;
    const replacesOrderId = this.#former.get(venueOrderId) ?? order.replacesOrderId;
    return {
      ...order,
      replacesOrderId,
      clientOrderId: clientOrderId ?? this.of(venueOrderId)?.clientOrderId ?? null,
    };
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
    if (oldest === undefined) return;
    this.#byVenueId.delete(oldest);
    this.#former.delete(oldest);
  }
}
