import type { Clock } from '../../ports/clock.ts';
import { CallLimiter } from './calls/callLimiter.ts';
import { RestCalls } from './calls/restCalls.ts';
import { ServerClock } from './calls/serverClock.ts';

/** Where the exchange is, and how much of it this process may use. */
export interface BitgetPlace {
  /** `BITGET_REST_URL`, without a path. */
  restUrl: string;
  /** `BITGET_WS_URL`, without a path. */
  wsUrl: string;
  /** Play money of the exchange: other keys, other sockets. */
  demo: boolean;
  /** Of the calls that the exchange takes from an address in a minute, which all its processes share. */
  addressCallsPerMinute: number;
}

/** The real one. Half of what an address may ask is left to others behind it. */
export const bitgetPlace = (demo: boolean): BitgetPlace => ({
  restUrl: 'https://api.bitget.com',
  wsUrl: demo ? 'wss://wspap.bitget.com' : 'wss://ws.bitget.com',
  demo,
  addressCallsPerMinute: 3_000,
});

/** What venue and feed of one place share: its budgets, its time, its calls. */
export interface BitgetAccess {
  place: BitgetPlace;
  clock: Clock;
  random: () => number;
  limiter: CallLimiter;
  serverClock: ServerClock;
  calls: RestCalls;
}

export function openAccess(place: BitgetPlace, clock: Clock, random: () => number): BitgetAccess {
  const limiter = new CallLimiter(clock, random);
  const serverClock = new ServerClock(clock);
  const { restUrl: baseUrl, demo, addressCallsPerMinute } = place;
  const calls = new RestCalls({ baseUrl, demo, addressCallsPerMinute, clock, limiter, serverClock });
  return { place, clock, random, limiter, serverClock, calls };
}
