import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { openAccess } from '../../adapters/bitget/access.ts';
import { BitgetKeys } from '../../adapters/bitget/errors/bitgetKeys.ts';
import { BitgetVenue } from '../../adapters/bitget/venue/bitgetVenue.ts';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import type { PlaceOrder, VenueAnswer, VenuePush } from '../../ports/venue.ts';
import type { UserSpec } from '../../standIn/bitget/exchange/user.ts';
import { startStandIn } from '../../standIn/bitget/startStandIn.ts';
import type { Switches } from '../../standIn/bitget/switches.ts';

export interface BitgetWorldOptions {
  user?: Partial<UserSpec>;
  switches?: Partial<Switches>;
  limits?: boolean;
  demo?: boolean;
}

const KEY = 'bg_planted_key_0001';
const PARTS = { apiKey: KEY, secret: 'planted-secret-0002', passphrase: 'planted 3' };
export const SYMBOL = 'BTCUSDT';
const ACCOUNT = { accountId: 'a' };

/** The adapter on a stand-in with BTCUSDT at 60,000, and one account. */
export async function bitgetWorld(options: BitgetWorldOptions = {}) {
  const { user = {}, switches = {}, limits = true, demo = true } = options;
  const users = [{ ...PARTS, deposit: '10000', ...user }];
  const standIn = await startStandIn({ clock: systemClock, users, switches, limits });
  onTestFinished(() => standIn.stop());
  const { control } = standIn;
  control.price(SYMBOL, '60000');
  const place = { restUrl: standIn.url, wsUrl: standIn.wsUrl, demo, addressCallsPerMinute: 3_000 };
  const access = openAccess(place, systemClock, Math.random);
  let differing = 0;
  const venue = new BitgetVenue({
    venue: 'bitget-demo',
    access,
    keysOf: async () => new BitgetKeys(PARTS),
    rulesDiffer: () => {
      differing += 1;
    },
  });
  onTestFinished(() => venue.stop());
  const pushes: VenuePush[] = [];
  await venue.start((push) => pushes.push(push));
  const order = (fields: Partial<PlaceOrder> & Pick<PlaceOrder, 'side'>): PlaceOrder => ({
    account: ACCOUNT,
    clientOrderId: randomBytes(16).toString('hex'),
    symbol: SYMBOL,
    type: 'market',
    size: dec('0.1'),
    price: null,
    triggerPrice: null,
    triggerBy: null,
    timeInForce: 'gtc',
    reduceOnly: false,
    attachedStop: null,
    notAfter: null,
    ...fields,
  });
  const pushed = <T extends VenuePush['type']>(type: T) =>
    pushes.filter((push): push is Extract<VenuePush, { type: T }> => push.type === type);
  return {
    ...{ standIn, control, access, venue, pushes, pushed, order, account: ACCOUNT },
    truth: () => control.truth(KEY),
    /** How often the rules were said to differ. */
    differing: () => differing,
    apiKey: KEY,
    parts: PARTS,
  };
}
export type BitgetWorld = Awaited<ReturnType<typeof bitgetWorld>>;

/** A stop of the position that a buy (or sell) has opened. */
export const stopAt = (price: string, side: 'buy' | 'sell' = 'sell') => ({
  side,
  type: 'stop_market' as const,
  triggerPrice: dec(price),
  triggerBy: 'mark' as const,
  reduceOnly: true,
});

export function accepted(answer: VenueAnswer): string {
  if (answer.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(answer)}`);
  return answer.venueOrderId;
}
