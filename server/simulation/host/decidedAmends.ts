import type { Effect } from '../../core/effects.ts';
import type { AmendChange, VenueOrderRef } from '../../ports/venue.ts';
import { orderRef } from '../../runtime/orderRef.ts';
import { isSame } from '../sameState.ts';
import type { AtVenue } from '../sending.ts';

type Amend = Extract<Effect, { type: 'AmendOrder' }>;

/** Changes of orders as they were decided: at the venue's door nobody says any more until when one may leave. */
export class DecidedAmends {
  readonly #newest = new Map<string, Amend[]>();

  note(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'AmendOrder') continue;
      const key = keyOf(effect.order.accountId, orderRef(effect.order));
      const before = (this.#newest.get(key) ?? []).filter(({ change }) => !isSame(change, effect.change));
      this.#newest.set(key, [...before, effect]);
    }
  }

  find({ accountId, ref }: AtVenue, change: AmendChange): Amend | undefined {
    return this.#newest.get(keyOf(accountId, ref))?.find((amend) => isSame(amend.change, change));
  }
}

const keyOf = (accountId: string, { clientOrderId, venueOrderId }: VenueOrderRef): string =>
  `${accountId}:${clientOrderId ?? venueOrderId}`;
