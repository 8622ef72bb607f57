import type { BitgetAccess } from '../access.ts';
import { detectFamily } from '../calls/detectFamily.ts';
import type { Caller } from '../calls/restCalls.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import type { BitgetKeys } from '../errors/bitgetKeys.ts';
import type { Family } from '../told/accountFacts.ts';
import { v2Api } from '../v2/v2Api.ts';
import { v3Api } from '../v3/v3Api.ts';
import type { FamilyApi, OpenAccount } from './familyApi.ts';
import type { KnownOrders } from './knownOrders.ts';

/** An account that may be used. */
export interface Session {
  accountId: string;
  account: OpenAccount;
  api: FamilyApi;
}

const APIS: Record<Family, (calls: BitgetAccess['calls'], now: () => number) => FamilyApi> = {
  v3: v3Api,
  v2: v2Api,
};

/**
 * Finds out of which family an account is, whether its key is one to be used, and how it is set up. Nothing is switched. A key
 * that can withdraw is refused, however well it trades.
 */
export async function openSession(
  { calls, serverClock }: BitgetAccess,
  accountId: string,
  keys: BitgetKeys,
  known: KnownOrders,
): Promise<Session> {
  const caller: Caller = { keys, accountId };
  const family = await detectFamily(calls, caller);
  const api = APIS[family](calls, () => serverClock.now());
  const key = await api.readings.key(caller);
  if (key.canWithdraw)
    throw new BitgetError({ kind: 'can_withdraw' }, { code: null, message: 'the key can withdraw' });
  if (!key.canTrade)
    throw new BitgetError({ kind: 'permission' }, { code: null, message: 'the key cannot trade futures' });
  const settings = await api.readings.settings(caller);
  const account: OpenAccount = {
    caller,
    holdMode: settings.holdMode,
    marginModes: settings.marginModes,
    margins: new Map([...settings.symbols].map(([symbol, { marginMode }]) => [symbol, marginMode])),
    known,
  };
  return { accountId, account, api };
}
