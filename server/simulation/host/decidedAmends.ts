import type { Effect } from '../../core/effects.ts';
import type { Venue } from '../../ports/venue.ts';
import { isSame } from '../sameState.ts';
import type { AtVenue } from '../sending.ts';

type Amend = Extract<Effect, { type: 'AmendOrder' }>;
type Change = Parameters<Venue['amendOrder']>[3];

/** Changes of orders as they were decided: at the venue's door nobody says any more until when one may leave. */
export class DecidedAmends {
  readonly #newest = new Map<string, Amend[]>();

  note(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'AmendOrder') continue;
      const { accountId, venueOrderId } = effect.order;
      const key = `${accountId}:${venueOrderId}`;
      const before = (this.#newest.get(key) ?? []).filter(({ change }) => !isSame(change, effect.change));
      this.#newest.set(key, [...before, effect]);
    }
  }

  find({ accountId, venueOrderId }: AtVenue, change: Change): Amend | undefined {
    return this.#newest.get(`${accountId}:${venueOrderId}`)?.find((amend) => isSame(amend.change, change));
  }
}
