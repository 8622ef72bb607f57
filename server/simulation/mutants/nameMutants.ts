import type { Desk } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import type { VenueOrder } from '../../ports/venue.ts';
import { hearing, type Mutant } from './mutant.ts';

/** What venues show, whichever way it comes. */
function showing(change: (order: VenueOrder, desk: Desk) => VenueOrder): (input: Input, desk: Desk) => Input {
  return (input, desk) => {
    if (input.type === 'VenueOrderSeen') return { ...input, order: change(input.order, desk) };
    if (input.type === 'OrderFound' && input.order !== null)
      return { ...input, order: change(input.order, desk) };
    if (input.type !== 'AccountRead') return input;
    const orders = input.state.orders.map((order) => change(order, desk));
    return { ...input, state: { ...input.state, orders } };
  };
}

/** Under the name that it had before it was given another. */
function asBefore(order: VenueOrder, desk: Desk): VenueOrder {
  if (order.replacesOrderId === null) return order;
  for (const { orderId, venueOrderId } of desk.orders.values())
    if (venueOrderId !== null && (orderId === order.clientOrderId || venueOrderId === order.replacesOrderId))
      return { ...order, venueOrderId, replacesOrderId: null };
  return order;
}

/** An order has more than one name, and not always the same. */
export const NAME_MUTANTS: readonly Mutant[] = [
  {
    name: 'other-id-not-followed',
    breaks: 'an order that an amendment gave another id goes on under the one that it had',
    caughtBy: ['INV-9', 'OWNER', 'INV-12'],
    profile: 'loose',
    sabotage: () => {
      const shown = showing(asBefore);
      return hearing((input, desk) =>
        input.type === 'OrderAnswered' && input.action === 'amend' && input.answer.outcome === 'accepted'
          ? { ...input, answer: { ...input.answer, venueOrderId: '' } }
          : shown(input, desk),
      );
    },
  },
  {
    name: 'fired-stop-not-followed',
    breaks: 'what a stop became is nobody’s',
    caughtBy: ['OWNER', 'INV-9', 'INV-12'],
    profile: 'loose',
    sabotage: () => hearing(showing((order) => ({ ...order, becameOrderId: null }))),
  },
];
