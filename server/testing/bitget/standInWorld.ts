import { systemClock } from '../../adapters/clock/systemClock.ts';
import type { Clock } from '../../ports/clock.ts';
import type { UserSpec } from '../../standIn/bitget/exchange/user.ts';
import { type StandIn, startStandIn } from '../../standIn/bitget/startStandIn.ts';
import type { Switches } from '../../standIn/bitget/switches.ts';
import type { Cleanup } from '../cleanups.ts';
import { type Answered, type CallOptions, call, keysOf, openSocket, type SocketLog } from './signedClient.ts';

export interface StandInWorldOptions {
  clock?: Clock;
  users?: readonly UserSpec[];
  switches?: Partial<Switches>;
  limits?: boolean;
}

export interface StandInWorld extends StandIn {
  get(path: string, params?: Record<string, unknown>, options?: CallOptions): Promise<Answered>;
  post(path: string, params?: Record<string, unknown>, options?: CallOptions): Promise<Answered>;
  /** A socket that has logged in. */
  privately(apiKey?: string, family?: 'v2' | 'v3'): Promise<SocketLog>;
  publicly(family?: 'v2' | 'v3'): Promise<SocketLog>;
}

/** A stand-in with BTCUSDT at 60,000 and users `k` (unified) and `c` (classic), who sign by the clock it runs on. */
export async function standInWorld(
  cleanups: Cleanup[],
  options: StandInWorldOptions = {},
): Promise<StandInWorld> {
  const clock = options.clock ?? systemClock;
  const users = options.users ?? [{ apiKey: 'k' }, { apiKey: 'c', family: 'v2' }];
  const standIn = await startStandIn({ limits: false, ...options, clock, users });
  cleanups.push(() => standIn.stop());
  standIn.control.price('BTCUSDT', '60000');
  const ask = (method: 'GET' | 'POST', path: string, params = {}, asked: CallOptions = {}) => {
    const keys = keysOf(path.startsWith('/api/v2/') ? 'c' : 'k');
    return call(standIn.url, path, { timestamp: Math.floor(clock.now()), keys, method, params, ...asked });
  };
  const open = async (path: string): Promise<SocketLog> => {
    const log = await openSocket(standIn.wsUrl + path);
    cleanups.push(() => log.socket.terminate());
    return log;
  };
  return {
    ...standIn,
    get: (path, params, asked) => ask('GET', path, params, asked),
    post: (path, params, asked) => ask('POST', path, params, asked),
    publicly: (family = 'v3') => open(`/${family}/ws/public`),
    privately: async (apiKey = 'k', family = 'v3') => {
      const log = await open(`/${family}/ws/private`);
      const answered = new Promise((resolve) => log.socket.once('message', resolve));
      log.login(keysOf(apiKey), String(Math.floor(clock.now() / 1_000)));
      await answered;
      return log;
    },
  };
}
