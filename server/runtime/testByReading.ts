import { type CheckRow, checkRow } from '../../shared/domain/accountCheck.ts';
import type { Clock } from '../ports/clock.ts';
import { type Venue, type VenueAccountRef, VenueUnavailable } from '../ports/venue.ts';

/** What a reading says of an account: of a simulated one there is no more to find. */
export async function testByReading(
  venue: Pick<Venue, 'readAccount'>,
  account: VenueAccountRef,
  clock: Clock,
): Promise<CheckRow[]> {
  const askedAt = clock.elapsed();
  try {
    const { balances } = await venue.readAccount(account);
    const held = Object.entries(balances);
    return [
      checkRow('reachable', 'ok', 'answered', { in: Math.round(clock.elapsed() - askedAt) }),
      checkRow('clock', 'skipped', 'clock_of_its_own', {}),
      ...(held.length === 0 ? [checkRow('balance', 'ok', 'balance_empty', {})] : []),
      ...held.map(([coin, amount]) => checkRow('balance', 'ok', 'balance_is', { amount, coin })),
    ];
  } catch (error) {
    if (!(error instanceof VenueUnavailable)) throw error;
    const code = error.retryAfterMs === undefined ? 'unreachable' : 'rate_limited';
    return [checkRow('reachable', 'failed', code, {}), ...notLookedAt(['clock', 'balance'])];
  }
}

/** The venue said nothing for so long. */
export const noAnswerRows = (within: number): CheckRow[] => [
  checkRow('reachable', 'failed', 'no_answer', { within }),
];

const notLookedAt = (checks: CheckRow['check'][]): CheckRow[] =>
  checks.map((check) => checkRow(check, 'skipped', 'after_failure', {}));
