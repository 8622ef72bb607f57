import type { ToldPush } from '../../adapters/simulated/told.ts';
import type { World } from '../world.ts';

/** How far ahead it is dated, market ms. */
export const DAY_MS = 86_400_000;

/** Now and then a bill says that it is of tomorrow. */
export function datedAhead(world: World, push: ToldPush): ToldPush {
  if (push.type !== 'bill') return push;
  const aheadMs = world.hit('bill_dated_ahead') ? DAY_MS : 0;
  return { ...push, bill: { ...push.bill, ts: push.bill.ts + aheadMs } };
}
