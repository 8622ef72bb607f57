import type { Effect } from '../../core/effects.ts';
import type { Input } from '../../core/inputs.ts';
import type { RateLimit } from '../../ports/venue.ts';
import { InvariantBroken } from '../broken.ts';
import type { SimProcess } from '../simProcess.ts';
import type { World } from '../world.ts';

/** Requests of one desk within so many world ms; a loop of asking and being answered makes far more. */
const WINDOW_MS = 10_000;
const LIMIT = 600;

/** Recoveries of one desk that may fail within so many world ms: with pauses that double, one process comes to half of it. */
const FAILED_LIMIT = 12;

/** A recovery that fails is tried again later and later. */
export function checkRecoveries(deskId: string, failedAt: readonly number[]): void {
  const [earliest, last] = [failedAt.at(-FAILED_LIMIT), failedAt.at(-1)];
  if (earliest !== undefined && last !== undefined && last - earliest < WINDOW_MS)
    throw new InvariantBroken(
      'PACE',
      `the recovery of ${deskId} has failed ${FAILED_LIMIT} times in ${last - earliest} ms`,
    );
}

/** Readings of one account that were asked for by the one before, at most. */
const CHAIN_LIMIT = 4;

/** A reading that does not show what is waited for is not asked for again at once. `chains`: of each account. */
export function checkReadings(chains: Map<string, number>, input: Input, effects: readonly Effect[]): void {
  if (input.type !== 'AccountRead') return;
  const { accountId } = input;
  const again = effects.some((effect) => effect.type === 'ReadAccount' && effect.accountId === accountId);
  const chain = again ? (chains.get(accountId) ?? 0) + 1 : 0;
  chains.set(accountId, chain);
  if (chain > CHAIN_LIMIT)
    throw new InvariantBroken('PACE', `${chain} readings of ${accountId}, each asked for by the one before`);
}

/** What is asked again waits for something: no desk storms the venue. */
export function countRequest(world: World, deskId: string): void {
  const { paces } = world.history;
  const pace = paces.get(deskId);
  if (pace === undefined || world.now - pace.since > WINDOW_MS) {
    paces.set(deskId, { since: world.now, count: 1 });
    return;
  }
  pace.count += 1;
  if (pace.count > LIMIT)
    throw new InvariantBroken(
      'PACE',
      `${deskId} sent ${pace.count} requests in ${world.now - pace.since} ms`,
    );
}

/** No more calls than a venue takes leave within the time that it says so of. `calls`: the times of those before. */
export function checkRate(
  { now }: World,
  { name }: SimProcess,
  calls: number[],
  { calls: most, perMs }: RateLimit,
): void {
  calls.push(now);
  while ((calls[0] ?? now) <= now - perMs) calls.shift();
  if (calls.length > most)
    throw new InvariantBroken('PACE', `${name} makes ${calls.length} calls in ${perMs} ms, of ${most}`);
}

/** Who was told to pause sends nothing before the pause is over. */
export function checkPause({ now }: World, { name }: SimProcess, closedUntil: number): void {
  if (now < closedUntil)
    throw new InvariantBroken(
      'PACE',
      `${name} calls ${closedUntil - now} ms before the venue takes anything`,
    );
}
