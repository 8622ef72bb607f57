import { type Decimal, eq } from '../../../shared/domain/decimal.ts';
import type { Order, Side } from '../../../shared/domain/order.ts';
import { endsAtOnce } from '../order/submit.ts';

/** An entry that a strategy wants to exist now, of whatever size. */
export interface WantedEntry {
  slot: string;
  side: Side;
  /** Its limit, on the tick; null: at the market. */
  price: Decimal | null;
}

/** What there is to know of an entry that works. */
export type WorkingEntry = Pick<
  Order,
  'slot' | 'side' | 'price' | 'type' | 'timeInForce' | 'cancelRequested' | 'amending'
>;

export interface EntryDiff<W, O> {
  place: W[];
  amend: { order: O; price: Decimal }[];
  cancel: O[];
}

/**
 * What makes the working entries of a bot those that its strategy wants, slot by slot; nothing, where they are. Of a slot
 * one order works at a time: another is placed once the former is known to be gone. What never rests, or is being
 * cancelled or changed, is left to its end. A slot keeps its size: what it takes of the allocation was decided as it came.
 */
export function diffEntries<W extends WantedEntry, O extends WorkingEntry>(
  wanted: readonly W[],
  working: readonly O[],
): EntryDiff<W, O> {
  const diff: EntryDiff<W, O> = { place: [], amend: [], cancel: [] };
  const bySlot = new Map(wanted.map((entry) => [entry.slot, entry]));
  const taken = new Set<string>();
  for (const order of working) {
    const entry = taken.has(order.slot) ? undefined : bySlot.get(order.slot);
    taken.add(order.slot);
    if (endsAtOnce(order) || order.cancelRequested) continue;
    if (entry === undefined || entry.side !== order.side || entry.price === null) diff.cancel.push(order);
    else if (order.price !== null && !eq(order.price, entry.price) && order.amending === undefined)
      diff.amend.push({ order, price: entry.price });
  }
  for (const entry of bySlot.values()) if (!taken.has(entry.slot)) diff.place.push(entry);
  return diff;
}
