import { describeVenue, type VenueUnderTest } from '../../ports/venue.contract.ts';
import type { VenuePush } from '../../ports/venue.ts';
import { startStandIn } from '../../standIn/bitget/startStandIn.ts';
import { systemClock } from '../clock/systemClock.ts';
import { openAccess } from './access.ts';
import { BitgetKeys } from './errors/bitgetKeys.ts';
import { BitgetVenue } from './venue/bitgetVenue.ts';

const SYMBOL = 'BTCUSDT';

for (const family of ['v3', 'v2'] as const)
  describeVenue(`Bitget’s stand-in, ${family}`, async (): Promise<VenueUnderTest> => {
    const users = ['a', 'b'].map((apiKey) => ({ apiKey, family }));
    const standIn = await startStandIn({ clock: systemClock, users });
    const setPrice = (last: string) => standIn.control.price(SYMBOL, { last, halfSpread: '0' });
    setPrice('100');
    const place = { restUrl: standIn.url, wsUrl: standIn.wsUrl, demo: true, addressCallsPerMinute: 3_000 };
    const keysOf = async (apiKey: string) =>
      standIn.exchange.user(apiKey) &&
      new BitgetKeys({ apiKey, secret: `secret-of-${apiKey}`, passphrase: 'passphrase' });
    const access = openAccess(place, systemClock, Math.random);
    const inner = new BitgetVenue({ venue: 'bitget-demo', access, keysOf });
    const pushes: VenuePush[] = [];
    const restored = new Set<string>();
    const waiting = new Map<string, () => void>();
    await inner.start((push) => {
      if (push.type === 'restored')
        for (const accountId of push.accountIds ?? []) {
          restored.add(accountId);
          waiting.get(accountId)?.();
        }
      pushes.push(push);
    });
    // Pushes are told from when the stream is there: a test that counts them begins then.
    const watch = inner.watch.bind(inner);
    inner.watch = async (account) => {
      await watch(account);
      if (restored.has(account.accountId)) return;
      await new Promise<void>((resolve) => waiting.set(account.accountId, resolve));
    };
    return {
      venue: inner,
      pushes,
      keepsAccounts: true,
      price: async (price) => setPrice(price),
      list: async (status) => standIn.control.instrument(SYMBOL, { status }),
      stop: async () => {
        await inner.stop();
        await standIn.stop();
      },
    };
  });
