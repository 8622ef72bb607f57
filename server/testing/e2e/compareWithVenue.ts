import { newDesk } from '../../core/desk.ts';
import { apply } from '../../core/fold/apply.ts';
import type { Venue } from '../../ports/venue.ts';
import { compareLedgers, type LedgerDifference } from '../../tools/lib/compareLedgers.ts';
import type { StoredDesk } from './storedDesk.ts';

/** Where a desk, as its log says it is, differs from the venue's own books. Nothing may be under way. */
export function compareWithVenue(
  stored: StoredDesk,
  deskId: string,
  venue: Pick<Venue, 'readAccount' | 'fillsSince' | 'billsSince'>,
): Promise<LedgerDifference[]> {
  const desk = newDesk(deskId);
  for (const event of stored.events) apply(desk, event);
  return compareLedgers(desk, venue, stored.rows);
}
