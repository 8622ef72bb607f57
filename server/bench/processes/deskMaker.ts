import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import { MemoryEventBus } from '../../adapters/memory/eventBus.ts';
import { PostgresDeskLog } from '../../adapters/postgres/deskLog.ts';
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { PostgresIdentityStore } from '../../adapters/postgres/identityStore.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { openPostgres } from '../../adapters/postgres/openPostgres.ts';
import { PostgresShardLeases } from '../../adapters/postgres/shardLeases.ts';
import { createSimulatedVenue, DEFAULT_SEED } from '../../adapters/simulated/createSimulatedVenue.ts';
import { PostgresVenueStore } from '../../adapters/simulated/store/postgresVenueStore.ts';
import { DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { Logger } from '../../ports/logger.ts';
import { createKernel } from '../../runtime/kernel.ts';
import { answerRequests } from '../childProcess.ts';
import type { DeskExchanges } from '../core/deskExchanges.ts';

// Users as the server makes them: its kernel, its venue and its store, without sockets.
const IDLE_MS = 2_000;
const AT_ONCE = 200;
const POLL_MS = 20;

const complain = (fields: object, message: string): void => {
  process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
};
const logger: Logger = { debug: () => undefined, info: () => undefined, warn: complain, error: complain };

const userId = (index: number): string => `maker-${index}`;

async function begin({ dataDir, migrations }: DeskExchanges['begin']['request']) {
  const clock = systemClock;
  const database = await startEmbeddedPostgres({ dataDir, logger });
  await migrate(database.url, migrations);
  const { sql, db, close } = openPostgres(database.url, { logger });
  const log = new PostgresDeskLog(sql);
  const market = createSimulatedVenue({
    ...{ seed: DEFAULT_SEED, speed: 1, profile: 'ideal', clock, logger },
    store: new PostgresVenueStore({ url: database.url, clock, logger }),
  });
  const { venue, feed } = market;
  const kernel = createKernel(
    {
      ...{
        clock,
        steady: clock,
        logger,
        log,
        publisher: new MemoryEventBus(),
        feeds: [feed],
        venues: [venue],
      },
      // As the server's, which then finds its own former lease.
      lease: { leases: new PostgresShardLeases(sql, clock), owner: 'local' },
    },
    {
      ...{ epoch: await log.epoch(), engine: DEFAULT_ENGINE_SETTINGS, lockStep: false },
      ...{ firstVenue: venue.venue, idleMs: IDLE_MS },
    },
  );
  await kernel.lease.acquire(() => process.exit(1));
  await market.start();
  await kernel.hub.start();
  await kernel.takeOver();
  while (!kernel.hub.isFresh(venue.venue, 'BTCUSDT')) await delay(POLL_MS);
  const finish = async (): Promise<void> => {
    await kernel.stop();
    await market.stop();
    await close();
    await database.stop();
  };
  return { kernel, identity: new PostgresIdentityStore(db), finish };
}

let made: Awaited<ReturnType<typeof begin>> | undefined;

/** All of them, so many at a time. */
async function each(from: number, to: number, run: (index: number) => Promise<void>): Promise<void> {
  const waiting = Array.from({ length: to - from }, (_, n) => from + n).values();
  const next = async (): Promise<void> => {
    for (const index of waiting) await run(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

function begun() {
  if (made === undefined) throw new Error('nothing was begun');
  return made;
}

async function open(index: number): Promise<void> {
  const { kernel, identity } = begun();
  const [id, now] = [userId(index), Date.now()];
  await identity.createUser({ userId: id, email: `${id}@example.org`, passwordHash: 'none', createdAt: now });
  await kernel.commands.open(id);
}

async function trade(index: number): Promise<void> {
  const { kernel } = begun();
  const deskId = userId(index);
  await kernel.commands.attend(deskId);
  const accountId = [...(kernel.engine.record(deskId)?.desk.accounts.keys() ?? [])][0] ?? '';
  const order = { accountId, symbol: 'BTCUSDT', side: 'buy', type: 'market', size: '0.001' } as const;
  const reply = await kernel.commands.execute(deskId, {
    op: 'orders.submit',
    args: { ...order, price: null, timeInForce: 'ioc', reduceOnly: false, preview: false },
    ...{ commandId: 'bench', expectedVersion: null, validUntil: null, receivedAt: Date.now() },
    actor: { kind: 'user', userId: deskId, deviceId: 'bench' },
  });
  if (!reply.ok) throw new Error(reply.error.message);
  while (kernel.engine.record(deskId)?.desk.positions.size === 0) await delay(POLL_MS);
}

answerRequests<DeskExchanges>({
  begin: async (request) => {
    made = await begin(request);
    return {};
  },
  open: async ({ from, to }) => {
    await each(from, to, open);
    return {};
  },
  trade: async ({ from, to }) => {
    await each(from, to, trade);
    return {};
  },
  finish: async () => {
    await begun().finish();
    return {};
  },
});
