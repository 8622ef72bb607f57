import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { diffEntries, type WantedEntry, type WorkingEntry } from './diffEntries.ts';

const SLOTS = ['a', 'b', 'c', 'd'];
const price = fc.constantFrom('100', '101', '102').map(dec);
const side = fc.constantFrom('buy' as const, 'sell' as const);

const wantedOf = fc
  .uniqueArray(fc.constantFrom(...SLOTS), { maxLength: 4 })
  .chain((slots) =>
    fc.tuple(...slots.map((slot) => fc.record({ slot: fc.constant(slot), side, price: fc.option(price) }))),
  )
  .map((entries): WantedEntry[] => [...entries]);

const working = fc
  .record({ slot: fc.constantFrom(...SLOTS), side, price, cancelRequested: fc.boolean() })
  .chain((of) =>
    fc.constantFrom<WorkingEntry>(
      { ...of, type: 'limit', timeInForce: 'gtc' },
      { ...of, type: 'limit', timeInForce: 'gtc', amending: { price: dec('99'), size: dec('1') } },
      { ...of, type: 'market', timeInForce: 'ioc' },
    ),
  );
const workingOf = fc.array(working, { maxLength: 6 });

const isStill = ({ cancelRequested, amending, timeInForce }: WorkingEntry): boolean =>
  !cancelRequested && amending === undefined && timeInForce === 'gtc';

/** What works once everything that was asked for has been done, and what was under way has ended. */
function after(wanted: readonly WantedEntry[], before: readonly WorkingEntry[]): WorkingEntry[] {
  const { place, amend, cancel } = diffEntries(wanted, before);
  const kept = before
    .filter((order) => !cancel.includes(order) && !order.cancelRequested && order.timeInForce === 'gtc')
    .map((order): WorkingEntry => {
      const { amending: _, ...rest } = order;
      return { ...rest, price: amend.find((one) => one.order === order)?.price ?? rest.price };
    });
  const placed = place
    .filter((entry) => entry.price !== null)
    .map((entry): WorkingEntry => ({ ...entry, type: 'limit', timeInForce: 'gtc', cancelRequested: false }));
  return [...kept, ...placed];
}

const shown = (orders: readonly WantedEntry[]) =>
  orders.map(({ slot, side: at, price: limit }) => `${slot} ${at} ${limit}`).toSorted();

describe('desired entries against those that work', () => {
  it('[BOT-31] followed a few times, what works is what is wanted, and then nothing is to be done', () => {
    fc.assert(
      fc.property(wantedOf, workingOf, (wanted, given) => {
        let now = given;
        for (let look = 0; look < 3; look += 1) now = after(wanted, now);
        expect(shown(now)).toEqual(shown(wanted.filter((entry) => entry.price !== null)));
        const left = diffEntries(wanted, now);
        expect([left.cancel, left.amend]).toEqual([[], []]);
        expect(left.place.every((entry) => entry.price === null)).toBe(true);
      }),
      { seed: 20_261_128, numRuns: 300 },
    );
  });

  it('[BOT-31] nothing is placed beside another of its slot, and nothing under way is touched', () => {
    fc.assert(
      fc.property(wantedOf, workingOf, (wanted, given) => {
        const { place, amend, cancel } = diffEntries(wanted, given);
        const busy = new Set(given.map(({ slot }) => slot));
        expect(place.filter(({ slot }) => busy.has(slot))).toEqual([]);
        expect(
          [...cancel, ...amend.map(({ order }) => order)].filter((order) => order.cancelRequested),
        ).toEqual([]);
        expect(amend.filter(({ order }) => !isStill(order))).toEqual([]);
        expect(amend.filter(({ order }) => cancel.includes(order))).toEqual([]);
      }),
      { seed: 20_261_128, numRuns: 300 },
    );
  });
});
