import type { AccountPush } from '../adapters/simulated/account/state.ts';
import type { Input } from '../core/inputs.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;

/** Now and then a bill says that it is of tomorrow. */
export function datedAhead(world: World, push: AccountPush): AccountPush {
  if (push.type !== 'bill') return push;
  const aheadMs = world.hit('bill_dated_ahead') ? DAY_MS : 0;
  return { ...push, bill: { ...push.bill, ts: push.bill.ts + aheadMs } };
}

/** What a push of the venue is to the desk of its account; null: nothing. */
export function inputOf(world: World, told: AccountPush): Input | null {
  const push = datedAhead(world, told);
  const { accountId } = push;
  switch (push.type) {
    case 'fill':
      return { type: 'VenueFillSeen', accountId, fill: push.fill, ingestedAt: world.wallTime };
    case 'order':
      return { type: 'VenueOrderSeen', accountId, order: push.order };
    case 'bill':
      return { type: 'VenueBillSeen', accountId, bill: push.bill };
    default:
      return null;
  }
}
