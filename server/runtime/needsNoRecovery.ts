import type { Input } from '../core/inputs.ts';

/** What venues tell of orders and accounts, and the looks that go on from there. */
const NEED_NONE: ReadonlySet<string> = new Set<Input['type']>([
  'OrderAnswered',
  'OrderFound',
  'LookUpFailed',
  'OrderWithdrawn',
  'VenueOrderSeen',
  'VenueFillSeen',
  'VenueBillSeen',
  'AccountRead',
  'AccountUnreadable',
  'StreamInterrupted',
  'Tick',
  'StuckTick',
]);

/** Whether a desk that waits for its recovery takes it: what protects and reduces, and what becomes of it, needs none. */
export const needsNoRecovery = (input: { type: string }): boolean => NEED_NONE.has(input.type);
