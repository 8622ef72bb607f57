import type { Input } from '../core/inputs.ts';

/** What venues tell of orders and accounts. */
const VENUE_FACTS: ReadonlySet<string> = new Set<Input['type']>([
  'OrderAnswered',
  'OrderFound',
  'OrderWithdrawn',
  'VenueOrderSeen',
  'VenueFillSeen',
  'VenueBillSeen',
  'AccountRead',
  'AccountUnreadable',
]);

/** Whether a desk that waits for its recovery takes it: exits, and what becomes of them, need none. */
export const needsNoRecovery = (input: { type: string }, isExit: boolean): boolean =>
  isExit || VENUE_FACTS.has(input.type);
