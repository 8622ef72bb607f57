import { CLOSE } from '../protocol/closeCodes.ts';
import { SDK_LIMITS } from './limits.ts';

/**
 * What to do after a close:
 * - `retry`: connect again, backing off
 * - `refresh`: connect again with a new token
 * - `reauthenticate`: the same, but only once; then logged out
 * - `logged_out`, `stop`: not by itself
 */
export type AfterClose =
  | { action: 'retry'; minDelayMs?: number; spread?: { fromMs: number; toMs: number } }
  | { action: 'refresh' | 'reauthenticate' | 'logged_out' | 'stop' };

/** First code of those after which a client must not come back unchanged. */
const FIRST_FINAL_CODE = 4_500;
const LAST_PRIVATE_CODE = 4_999;

export function afterClose(code: number): AfterClose {
  switch (code) {
    case CLOSE.tokenExpired:
      return { action: 'refresh' };
    case CLOSE.overloaded:
    case CLOSE.flooding:
      return { action: 'retry', minDelayMs: SDK_LIMITS.overloadedMinDelayMs };
    case CLOSE.unauthenticated:
      return { action: 'reauthenticate' };
    case CLOSE.revoked:
      return { action: 'logged_out' };
    case CLOSE.connectionLimit:
      return {
        action: 'retry',
        spread: { fromMs: SDK_LIMITS.connectionLimitMinDelayMs, toMs: SDK_LIMITS.connectionLimitMaxDelayMs },
      };
    default:
      // A newer server's code keeps to the split: below 4500 come back, from 4500 not.
      return code >= FIRST_FINAL_CODE && code <= LAST_PRIVATE_CODE ? { action: 'stop' } : { action: 'retry' };
  }
}

/** Full jitter: many clients cut at once come back evenly spread. `attempt` counts from 0. */
export function fullJitterMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(SDK_LIMITS.backoffCapMs, SDK_LIMITS.backoffBaseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random() * ceiling);
}
