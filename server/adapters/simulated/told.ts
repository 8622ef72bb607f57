import type { VenueAccountState, VenueBill, VenueFill, VenueOrder, VenuePush } from '../../ports/venue.ts';
import type { AccountPush } from './account/state.ts';
import type { Profile } from './profiles.ts';

/** Something that the owner of an account is told. */
export type ToldPush = Extract<VenuePush, { accountId: string }>;

/** What a venue tells of what it knows: its cursors by a count of its own, and not every field of everything. */
export class Told {
  readonly #profile: Pick<Profile, 'cursors' | 'isSilent' | 'capabilities'>;

  constructor(profile: Pick<Profile, 'cursors' | 'isSilent' | 'capabilities'>) {
    this.#profile = profile;
  }

  /** The last row that it tells at or below `cursor`, by its own count. */
  kept(cursor: number): number {
    const { share, gap } = this.#profile.cursors;
    return share * Math.floor(cursor / gap);
  }

  /** A stop that is always for the whole position tells no size; a silent venue neither who triggers one nor that it reduces. */
  order(order: VenueOrder): VenueOrder {
    if (order.type !== 'stop_market') return order;
    const isWhole = !this.#profile.capabilities.sizedStop && order.reduceOnly === true;
    const told = isWhole ? { ...order, size: null } : order;
    return this.#profile.isSilent ? { ...told, triggerBy: null, reduceOnly: null } : told;
  }

  /** Of a fill neither what came of it, nor, unless it traded by rules of its own, why. */
  fill(fill: VenueFill): VenueFill {
    const told = { ...fill, cursor: this.#told(fill.cursor) };
    if (!this.#profile.isSilent) return told;
    const isOrdered = fill.source === 'order' || fill.source === 'stop';
    return { ...told, realisedPnl: null, source: isOrdered ? null : fill.source };
  }

  bill(bill: VenueBill): VenueBill {
    return { ...bill, cursor: this.#told(bill.cursor) };
  }

  state(state: VenueAccountState): VenueAccountState {
    const { fills, bills } = state.cursors;
    return {
      ...state,
      orders: state.orders.map((order) => this.order(order)),
      cursors: { fills: this.#told(fills), bills: this.#told(bills) },
    };
  }

  push(push: AccountPush): ToldPush {
    if (push.type === 'fill') return { ...push, fill: this.fill(push.fill) };
    if (push.type === 'bill') return { ...push, bill: this.bill(push.bill) };
    if (push.type === 'order') return { ...push, order: this.order(push.order) };
    return push;
  }

  #told(count: number): number {
    const { share, gap } = this.#profile.cursors;
    return gap * Math.ceil(count / share);
  }
}
