import { expect, test } from 'vitest';
import { checkRow } from '../../shared/domain/accountCheck.ts';
import { dec } from '../../shared/domain/decimal.ts';
import { type Venue, VenueUnavailable } from '../ports/venue.ts';
import { VenueKeysError } from '../ports/venueKeys.ts';
import { sampleAccount } from '../testing/deskSamples.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { BoundedVenue } from './boundedVenue.ts';
import { testAccount } from './testAccount.ts';

const clock = new ManualClock();
const SIMULATED = sampleAccount('a');
const KEYED = { ...SIMULATED, book: 'demo', keys: { tail: '1234', setAt: 1 } } as const;

/** A venue of which a test asks only this. */
const venueOf = (calls: Partial<Venue>): BoundedVenue =>
  new BoundedVenue({ venue: 'x', ...calls } as Venue, clock);
const reading = { positions: [], orders: [], cursors: { fills: 0, bills: 0 }, marketTime: 1 };

test('[KEY-11] a simulated venue is reached, has a time of its own, and shows the balance', async () => {
  const readAccount = async () => ({ ...reading, balances: { USDT: dec('9000.5') } });
  expect(await testAccount(SIMULATED, venueOf({ readAccount }))).toEqual([
    checkRow('reachable', 'ok', 'answered', { in: 0 }),
    checkRow('clock', 'skipped', 'clock_of_its_own', {}),
    checkRow('balance', 'ok', 'balance_is', { amount: dec('9000.5'), coin: 'USDT' }),
  ]);
  const empty = await testAccount(
    SIMULATED,
    venueOf({ readAccount: async () => ({ ...reading, balances: {} }) }),
  );
  expect(empty.at(-1)).toEqual(checkRow('balance', 'ok', 'balance_empty', {}));
});

test('[KEY-11] what a venue cannot be asked is told as such, not guessed', async () => {
  const away = (retryAfterMs?: number) => async () => {
    throw Object.assign(new VenueUnavailable('no route'), retryAfterMs === undefined ? {} : { retryAfterMs });
  };
  const rows = await testAccount(SIMULATED, venueOf({ readAccount: away() }));
  expect(rows.map(({ check, outcome, code }) => [check, outcome, code])).toEqual([
    ['reachable', 'failed', 'unreachable'],
    ['clock', 'skipped', 'after_failure'],
    ['balance', 'skipped', 'after_failure'],
  ]);
  const limited = await testAccount(SIMULATED, venueOf({ readAccount: away(5) }));
  expect(limited[0]).toEqual(checkRow('reachable', 'failed', 'rate_limited', {}));
  expect(await testAccount(SIMULATED, undefined)).toEqual([
    checkRow('reachable', 'failed', 'no_venue', { venue: SIMULATED.venue }),
  ]);
});

test('[KEY-11] the rows of a venue with a test of its own are its answer; without keys it is not asked', async () => {
  const rows = [checkRow('no_withdrawal', 'failed', 'can_withdraw', {})];
  const venue = venueOf({ testAccount: async () => rows });
  expect(await testAccount(KEYED, venue)).toEqual(rows);
  const { keys: _, ...without } = KEYED;
  expect(await testAccount(without, venue)).toEqual([checkRow('permissions', 'failed', 'no_keys', {})]);
});

test('[KEY-11] keys that cannot be opened are a row too, whatever is the matter with them', async () => {
  for (const fault of ['damaged', 'sealed_with_another_key'] as const) {
    const venue = venueOf({
      testAccount: async () => {
        throw new VenueKeysError(fault, 'a');
      },
    });
    expect(await testAccount(KEYED, venue)).toEqual([
      checkRow('permissions', 'failed', 'keys_unreadable', {}),
    ]);
  }
});

test('[KEY-11] every wait ends: a venue that never answers is a row', async () => {
  for (const calls of [
    { testAccount: () => new Promise<never>(() => {}) },
    { readAccount: () => new Promise<never>(() => {}) },
  ]) {
    const asked = testAccount(KEYED, venueOf(calls));
    clock.advance(60_000);
    const [row] = await asked;
    expect(row).toMatchObject({ check: 'reachable', outcome: 'failed' });
  }
});
