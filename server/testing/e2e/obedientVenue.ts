import { setTimeout as delay } from 'node:timers/promises';
import { type Venue, VenueUnavailable } from '../../ports/venue.ts';
import { eventually } from './eventually.ts';

const READS = new Set<PropertyKey>(['findOrder', 'readAccount', 'fillsSince', 'billsSince', 'ordersSince']);

/** The same venue, for tests that read it: who asks too often waits as long as the venue says, and asks again. */
export function obedientVenue(venue: Venue): Venue {
  return new Proxy(venue, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (!READS.has(name)) return member.bind(target);
      return async (...args: unknown[]) => {
        const { result } = await eventually(`${String(name)} within the venue’s limit`, () =>
          attempt(() => Reflect.apply(member, target, args)),
        );
        return result;
      };
    },
  });
}

async function attempt(read: () => Promise<unknown>): Promise<{ result: unknown } | null> {
  try {
    return { result: await read() };
  } catch (error) {
    if (!(error instanceof VenueUnavailable) || error.retryAfterMs === undefined) throw error;
    await delay(error.retryAfterMs);
    return null;
  }
}
