import type { RestCalls } from '../calls/restCalls.ts';
import type { FamilyApi } from '../venue/familyApi.ts';
import { V3Writes } from './orderWrites.ts';
import { privateSpeech } from './privateSpeech.ts';
import { V3Readings } from './readings.ts';

/** The unified API. */
export function v3Api(calls: RestCalls, now: () => number): FamilyApi {
  const readings = new V3Readings(calls, now);
  const writes = new V3Writes(calls, readings);
  return {
    family: 'v3',
    speech: privateSpeech,
    readKey: (caller) => readings.key(caller),
    readSettings: (caller) => readings.settings(caller),
    readWallet: (account) => readings.wallet(account),
    readPositions: (account) => readings.positions(account),
    readOrders: (account) => readings.orders(account),
    readEnded: (account, span) => readings.ended(account, span),
    readCursors: (account) => readings.cursors(account),
    readFills: (account, span) => readings.fills(account, span),
    readBills: (account, span) => readings.bills(account, span),
    findOrder: (account, symbol, ref) => readings.find(account, symbol, ref),
    configure: (account, symbol, leverage, mode) => writes.configure(account, symbol, leverage, mode),
    place: (account, order) => writes.place(account, order),
    amend: (account, symbol, ref, change) => writes.amend(account, symbol, ref, change),
    cancel: (account, symbol, ref) => writes.cancel(account, symbol, ref),
    close: (account, symbol) => writes.close(account, symbol),
  };
}
