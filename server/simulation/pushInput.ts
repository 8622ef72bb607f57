import type { AccountPush } from '../adapters/simulated/account/state.ts';
import type { Input } from '../core/inputs.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;

/** What a push of the venue is to the desk of its account; null: nothing. */
export function inputOf(world: World, push: AccountPush): Input | null {
  const { accountId } = push;
  switch (push.type) {
    case 'fill':
      return { type: 'VenueFillSeen', accountId, fill: push.fill, ingestedAt: world.wallTime };
    case 'order':
      return { type: 'VenueOrderSeen', accountId, order: push.order };
    case 'bill': {
      const aheadMs = world.hit('bill_dated_ahead') ? DAY_MS : 0;
      return { type: 'VenueBillSeen', accountId, bill: { ...push.bill, ts: push.bill.ts + aheadMs } };
    }
    default:
      return null;
  }
}
