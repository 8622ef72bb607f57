import { type Actor, ENGINE } from '../../../shared/domain/actor.ts';
import type { Input } from '../inputs.ts';

/** Who the events of a turn are by. */
export function actorOf(input: Input): Actor {
  return input.type === 'Command' ? input.actor : ENGINE;
}

/** What the events of a turn follow from. */
export function causeOf(input: Input): string {
  switch (input.type) {
    case 'Command':
      return `command:${input.commandId}`;
    case 'BarClosed':
      return `bar:${input.openTime}`;
    case 'VenueFillSeen':
      return `fill:${input.fill.fillId}`;
    case 'VenueBillSeen':
      return `bill:${input.bill.billId}`;
    case 'OrderAnswered':
    case 'OrderWithdrawn':
    case 'OrderFound':
    case 'LookUpFailed':
      return `order:${input.orderId}`;
    case 'VenueOrderSeen':
      return `venue_order:${input.order.venueOrderId}`;
    case 'AccountRead':
      return 'reconciliation';
    case 'Recovered':
      return 'recovery';
    default:
      return input.type;
  }
}
