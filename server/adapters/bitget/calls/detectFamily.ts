import { BitgetError } from '../errors/bitgetError.ts';
import type { Family } from '../told/accountFacts.ts';
import type { Caller, Endpoint, RestCalls } from './restCalls.ts';

const UNIFIED_SETTINGS: Endpoint = { method: 'GET', path: '/api/v3/account/settings', perSecond: 20 };

/**
 * Which of the two APIs an account answers to. Only a clear word decides: anything else, such as a key that is not good or a
 * server that is not there, is told as what it is.
 */
export async function detectFamily(calls: RestCalls, caller: Caller): Promise<Family> {
  try {
    await calls.call(UNIFIED_SETTINGS, {}, caller, { lane: 'read' });
    return 'v3';
  } catch (error) {
    if (error instanceof BitgetError && error.fault.kind === 'wrong_family') return 'v2';
    throw error;
  }
}
