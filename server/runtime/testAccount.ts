import type { Account } from '../../shared/domain/account.ts';
import { type CheckRow, checkRow } from '../../shared/domain/accountCheck.ts';
import { VenueUnavailable } from '../ports/venue.ts';
import { VenueKeysError } from '../ports/venueKeys.ts';
import type { BoundedVenue } from './boundedVenue.ts';

/** Whether an account can be used. Never rejects for what the venue or the keys are like. */
export async function testAccount(account: Account, venue: BoundedVenue | undefined): Promise<CheckRow[]> {
  if (venue === undefined) return [checkRow('reachable', 'failed', 'no_venue', { venue: account.venue })];
  if (account.book !== 'simulated' && account.keys === undefined)
    return [checkRow('permissions', 'failed', 'no_keys', {})];
  try {
    return await venue.testAccount({ accountId: account.accountId });
  } catch (error) {
    if (error instanceof VenueKeysError) return [checkRow('permissions', 'failed', 'keys_unreadable', {})];
    if (error instanceof VenueUnavailable) return [checkRow('reachable', 'failed', 'unreachable', {})];
    throw error;
  }
}
