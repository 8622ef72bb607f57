import { setTimeout as delay } from 'node:timers/promises';
import { PostgresDeskLog } from '../../adapters/postgres/deskLog.ts';
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { openPostgres } from '../../adapters/postgres/openPostgres.ts';
import { PostgresShardLeases } from '../../adapters/postgres/shardLeases.ts';
import { DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { AppendOutcome, DeskAppend, LeaseProof } from '../../ports/deskLog.ts';
import type { Logger } from '../../ports/logger.ts';
import { createKernel } from '../../runtime/kernel.ts';
import { ONLY_SHARD } from '../../runtime/leaseKeeper.ts';
import { soleLease } from '../../runtime/soleLease.ts';
import { answerRequests } from '../childProcess.ts';
import type { CommitExchanges, CommitResult, CommitRun } from '../core/commitExchanges.ts';
import { DEPOSIT, InstantWorld, VENUE } from '../core/instantWorld.ts';
import { benchClock } from '../load/stubDeps.ts';

// The real engine on a real PostgreSQL: desks order, an instant venue answers each effect after its commit.
const LEASE_MS = 600_000;
const POLL_MS = 20;

const complain = (fields: object, message: string): void => {
  process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
};
const logger: Logger = { debug: () => undefined, info: () => undefined, warn: complain, error: complain };

/** The log, with the time that its appends take. */
class TimedLog extends PostgresDeskLog {
  appends = 0;
  appendMs = 0;

  override async append(lease: LeaseProof, desks: DeskAppend[]): Promise<AppendOutcome> {
    const start = performance.now();
    const outcome = await super.append(lease, desks);
    this.appends += 1;
    this.appendMs += performance.now() - start;
    return outcome;
  }

  reset(): void {
    this.appends = 0;
    this.appendMs = 0;
  }
}

async function run({
  dataDir,
  migrations,
  desks,
  durationMs,
  events: eventLimit,
}: CommitRun): Promise<CommitResult> {
  const postgres = await startEmbeddedPostgres({ dataDir, logger });
  await migrate(postgres.url, migrations);
  const { sql, close } = openPostgres(postgres.url, { logger });
  try {
    const leases = new PostgresShardLeases(sql, benchClock);
    const lease = await leases.acquire(ONLY_SHARD, 'bench', LEASE_MS);
    if (lease === undefined) throw new Error('the lease was not granted');
    const world = new InstantWorld();
    const log = new TimedLog(sql);
    let events = 0;
    const accounts = new Map<string, string>();
    let trading = false;
    let orders = 0;
    const ordersOf = new Map<string, number>();
    const order = (deskId: string, accountId: string): void => {
      orders += 1;
      const count = (ordersOf.get(deskId) ?? 0) + 1;
      ordersOf.set(deskId, count);
      engine.submit(deskId, world.order(accountId, count % 2 === 1 ? 'buy' : 'sell', `command-${orders}`));
    };
    const kernel = createKernel(
      {
        ...{ clock: benchClock, steady: benchClock, logger, log, feeds: [], venues: [] },
        lease: soleLease(log, lease),
        publisher: {
          isConnected: true,
          publish: (message) => {
            if (message.type === 'frames') events += message.frames.length;
          },
        },
      },
      { epoch: await log.epoch(), engine: DEFAULT_ENGINE_SETTINGS, lockStep: false, firstVenue: VENUE },
      {
        context: () => world.context,
        effects: (submit) => ({
          run: (deskId, effect) => {
            if (effect.type === 'OpenAccount') accounts.set(deskId, effect.accountId);
            for (const input of world.answers(effect)) {
              submit(deskId, input);
              // The venue is done with this order: the next one.
              const accountId = accounts.get(deskId);
              if (trading && input.type === 'VenueOrderSeen' && accountId !== undefined)
                order(deskId, accountId);
            }
          },
          isIdle: () => true,
          isBusy: () => false,
          lookAt: async () => undefined,
          settled: async () => {},
        }),
      },
    );
    const { engine } = kernel;
    await kernel.lease.acquire(() => {
      throw new Error('the lease was lost');
    });
    for (let index = 0; index < desks; index += 1) {
      const deskId = `desk-${index}`;
      await engine.load([deskId]);
      engine.submit(deskId, { type: 'OpenDesk', venue: VENUE, deposit: DEPOSIT });
    }
    while (accounts.size < desks) await engine.settled();
    await engine.settled();
    events = 0;
    log.reset();
    trading = true;
    const start = performance.now();
    for (const [deskId, accountId] of accounts) order(deskId, accountId);
    while (performance.now() - start < durationMs && events < eventLimit) await delay(POLL_MS);
    const { appends, appendMs } = log;
    const result = { events, orders, appends, appendMs, elapsedMs: performance.now() - start };
    trading = false;
    await engine.stop();
    await leases.release(lease);
    return result;
  } finally {
    await close();
    await postgres.stop();
  }
}

answerRequests<CommitExchanges>({ run });
