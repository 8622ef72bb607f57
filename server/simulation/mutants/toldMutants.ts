import { positionOf } from '../../core/desk.ts';
import { VenueLanes } from '../../runtime/venueLanes.ts';
import { booking, hearing, type Mutant } from './mutant.ts';
import { replacing } from './replacing.ts';

/** Beyond the end of whatever was open, and less than what is dated ahead; market ms. */
const LONG_AFTER_MS = 1_800_000;

const TOLD_OFTEN = [
  'fill_before_answer',
  'fill_without_id',
  'fill_late',
  'bill_late',
  'push_dropped',
] as const;

/** What venues tell late, twice, without a name, or in another order than it happened. */
export const TOLD_MUTANTS: readonly Mutant[] = [
  {
    name: 'fills-known-by-their-cursor',
    breaks: 'of two fills with the same cursor one is taken for the other told again',
    caughtBy: ['INV-9'],
    profile: 'loose',
    sabotage: () => {
      const first = new Map<string, string>();
      return booking({
        fill: (fill) => {
          const at = `${fill.fillId.slice(0, fill.fillId.indexOf('f'))} ${fill.cursor}`;
          if (!first.has(at)) first.set(at, fill.fillId);
          return first.get(at) === fill.fillId ? fill : undefined;
        },
      });
    },
  },
  {
    name: 'no-overlap-of-reads',
    breaks: 'what is told with a cursor below one that was read is never taken',
    caughtBy: ['INV-9'],
    profile: 'loose',
    sabotage: () => ({
      often: ['fill_late', 'bill_late'],
      decide: (core, desk, input, context) =>
        core(desk, input, {
          ...context,
          venue: (venue) => {
            const facts = context.venue(venue);
            if (facts?.capabilities.tellsLate === undefined) return facts;
            const tellsLate = { ...facts.capabilities.tellsLate, cursor: 0 };
            return { ...facts, capabilities: { ...facts.capabilities, tellsLate } };
          },
        }),
    }),
  },
  {
    name: 'early-fill-is-foreign',
    breaks: 'a fill without our id is somebody else’s at once, although an order of ours has no answer yet',
    caughtBy: ['OWNER'],
    sabotage: () => ({
      often: TOLD_OFTEN,
      ...booking({
        // Whoever names an id that is none of ours is somebody else.
        fill: (fill, desk) =>
          fill.clientOrderId === null &&
          ![...desk.orders.values()].some((o) => o.venueOrderId === fill.venueOrderId)
            ? { ...fill, clientOrderId: 'of somebody else' }
            : fill,
      }),
    }),
  },
  {
    name: 'held-fill-forgotten',
    breaks: 'a fill that waits for the answer of its order is dropped',
    caughtBy: ['INV-9', 'REST'],
    sabotage: () => ({
      often: TOLD_OFTEN,
      decide: (core, desk, input, context) => {
        for (const { held } of desk.accounts.values()) held.clear();
        return core(desk, input, context);
      },
    }),
  },
  {
    name: 'late-bill-for-who-is-open-now',
    breaks: 'funding counts for the position that is open when it is told, if any',
    caughtBy: ['PAYER'],
    profile: 'loose',
    sabotage: () => ({
      often: ['bill_late'],
      ...hearing((input, desk) => {
        if (input.type !== 'VenueBillSeen') return input;
        const { bill, accountId } = input;
        const open = bill.symbol === null ? undefined : positionOf(desk, accountId, bill.symbol);
        const ts = open === undefined ? bill.ts + LONG_AFTER_MS : Math.max(bill.ts, open.openedAt + 1);
        return { ...input, bill: { ...bill, ts } };
      }),
    }),
  },
  {
    name: 'deadline-not-kept-by-ourselves',
    breaks: 'an order leaves after its time, since the venue is thought to look at that',
    caughtBy: ['INV-4'],
    profile: 'loose',
    sabotage: () => ({
      often: ['lane_wait', 'rate_limited', 'pause_before_send'],
      sendsAfterWait: 'PlaceOrder',
    }),
  },
  {
    name: 'given-up-within-the-window',
    breaks: 'an entry of unknown outcome is given up at its time, although the venue looks at no deadline',
    caughtBy: ['INV-4'],
    profile: 'loose',
    sabotage: () => ({
      often: ['request_late', 'request_lost'],
      decide: (core, desk, input, context) =>
        core(desk, input, {
          ...context,
          venue: (venue) => {
            const facts = context.venue(venue);
            return facts && { ...facts, capabilities: { ...facts.capabilities, expiringOrders: true } };
          },
        }),
    }),
  },
  {
    name: 'named-rate-exceeded',
    breaks: 'calls leave as they come, whatever rate the venue names and whatever pause it asks for',
    caughtBy: ['PACE'],
    profile: 'metered',
    sabotage: () => ({ parts: () => replacing(VenueLanes.prototype, 'turn', () => () => null) }),
  },
];
