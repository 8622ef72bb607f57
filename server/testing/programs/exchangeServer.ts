import { checkRow } from '../../../shared/domain/accountCheck.ts';
import { createPinoLogger } from '../../adapters/logging/pinoLogger.ts';
import { surviveStrayRejections } from '../../adapters/postgres/strayRejections.ts';
import { compose } from '../../compose.ts';
import { type ComposedVenue, composeVenue } from '../../composeVenue.ts';
import { loadConfig } from '../../config.ts';
import type { KeyParts, VenueKeyOpener } from '../../ports/venueKeys.ts';
import { projectRoot } from '../../projectRoot.ts';

// The server, with a venue that is the simulated one in all but this: its accounts count as an exchange's and need keys, which
// it opens and holds as an adapter does. What the keys say is what becomes of it: `throws` and `uncaught` in a passphrase are
// errors with the keys at hand.
const config = loadConfig(process.env, process.argv.slice(2));
const logger = createPinoLogger({ level: config.logLevel });
surviveStrayRejections(logger);

/** Whatever else it is, it is this. */
function withMembers<T extends object>(inner: T, members: Partial<T>): T {
  return new Proxy(inner, {
    get: (target, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function asExchange(composed: ComposedVenue, opener: VenueKeyOpener): ComposedVenue {
  const held = new Map<string, KeyParts>();
  const { venue, feed } = composed;
  const keysOf = async (accountId: string): Promise<KeyParts> => {
    const parts = await opener.open(accountId, venue.venue);
    if (parts === undefined) throw new Error('the account has no keys');
    held.set(accountId, parts);
    return parts;
  };
  return {
    ...composed,
    feed: withMembers(feed, { simulated: false }),
    venue: withMembers(venue, {
      openAccount: async (account, deposit) => {
        await keysOf(account.accountId);
        return venue.openAccount(account, deposit);
      },
      testAccount: async ({ accountId }) => {
        const { passphrase } = await keysOf(accountId);
        if (passphrase.includes('throws')) throw new RangeError('this venue is not well');
        if (passphrase.includes('uncaught'))
          setImmediate(() => {
            throw new Error('this venue is not well at all');
          });
        return [checkRow('permissions', 'ok', 'can_trade', {})];
      },
      forgetAccount: async ({ accountId }) => void held.delete(accountId),
    }),
  };
}

const app = await compose({
  ...{ config, logger, root: projectRoot() },
  onFatal: () => process.exit(3),
  composeVenue: async (given, options) => {
    const { keys } = options;
    if (keys === null) throw new Error('nobody can open keys');
    return asExchange(await composeVenue(given, options), keys);
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void app.stop().then(() => process.exit(0)));
await app.start();
logger.info({ note: process.env.PLANTED_NOTE }, 'Fillwire is ready');
