import { createHash } from 'node:crypto';
import type { OpArgs } from '../../../shared/protocol/ops.ts';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import { MemoryDeskLog } from '../../adapters/memory/deskLog.ts';
import { MemoryEventBus } from '../../adapters/memory/eventBus.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import { createReplayFeed } from '../../adapters/replay/createReplayFeed.ts';
import { createSimulatedVenue } from '../../adapters/simulated/createSimulatedVenue.ts';
import { createPathFeed } from '../../adapters/simulated/feed/pathFeed.ts';
import { SIMULATED_INSTRUMENTS } from '../../adapters/simulated/prices/instruments.ts';
import type { ProfileName } from '../../adapters/simulated/profiles.ts';
import { MemoryVenueStore } from '../../adapters/simulated/store/memoryVenueStore.ts';
import { DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { StrategyPreset } from '../../core/strategy/strategy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { createKernel, type Kernel } from '../../runtime/kernel.ts';
import { ONLY_SHARD } from '../../runtime/leaseKeeper.ts';
import { soleLease } from '../../runtime/soleLease.ts';
import { compareLedgers, type LedgerDifference } from './compareLedgers.ts';

const MINUTE_MS = 60_000;
/** Of every replay: client order ids are made of it, so equal runs give equal bytes. */
const EPOCH = 'replay';

/** One bot on a desk and an account of its own. */
export interface ReplayBot {
  /** Also its desk's id. */
  name: string;
  strategy: string;
  preset: StrategyPreset;
  leverage: number;
}

export interface ReplayOptions {
  file: string;
  symbol: string;
  bots: readonly ReplayBot[];
  profile: ProfileName;
  logger: Logger;
  /** Where the log is kept; a new one unless given. */
  store?: MemoryStore;
  /** Limits of each bot's account, set before it starts. */
  limits?: OpArgs<'limits.set'>;
  /** Told now and then, with the share played, 0 to 1. */
  onProgress?(share: number): void;
}

export interface ReplayResult {
  bots: { name: string; trades: number; wins: number; netPnl: string; balance: string; state: string }[];
  /** Where our books and the venue's disagree; empty: nowhere. */
  differences: LedgerDifference[];
  /** SHA-256 over every stored event, desk by desk: equal runs give equal bytes. */
  digest: string;
  events: number;
  fills: number;
  decisions: number;
}

/**
 * Plays a recording at full speed through the engine and the simulated venue, in lock-step: market time advances only
 * when everything that follows from a step has settled. All time, wall time too, is the recording's.
 */
export async function replayRun(options: ReplayOptions): Promise<ReplayResult> {
  const { logger, symbol } = options;
  const feed = await createReplayFeed({
    file: options.file,
    symbol,
    instruments: SIMULATED_INSTRUMENTS,
    speed: 'max',
    createFeed: createPathFeed,
    clock: systemClock,
    logger,
  });
  const clock: Clock = {
    now: () => feed.marketTime(),
    elapsed: () => feed.marketTime(),
    after: systemClock.after,
    soon: systemClock.soon,
  };
  const market = createSimulatedVenue({
    ...{ seed: EPOCH, speed: 'max', profile: options.profile, clock, logger, feed },
    store: new MemoryVenueStore(),
  });
  const { venue } = market;
  const store = options.store ?? new MemoryStore(EPOCH);
  const log = new MemoryDeskLog(store);
  const token = 1n;
  store.leases.set(ONLY_SHARD, { owner: EPOCH, token, expiresAt: Number.MAX_SAFE_INTEGER });
  const kernel = createKernel(
    {
      ...{ clock, steady: clock, logger, log, publisher: new MemoryEventBus() },
      lease: soleLease(log, { shard: ONLY_SHARD, token }),
      feeds: [feed],
      venues: [venue],
    },
    { epoch: EPOCH, engine: DEFAULT_ENGINE_SETTINGS, lockStep: true, firstVenue: venue.venue },
  );
  const { engine, hub } = kernel;

  await market.start();
  // What recurs would follow the machine's timers: the recording's minutes bring it on below.
  await kernel.intake.start();
  kernel.takeCommands();
  let minute = 0;
  let started = false;
  hub.setBarrier(async () => {
    const now = feed.marketTime();
    if (!started) {
      started = true;
      for (const bot of options.bots) await startBot(kernel, bot, options);
    }
    if (Math.floor(now / MINUTE_MS) !== minute) {
      minute = Math.floor(now / MINUTE_MS);
      kernel.ticks.run(engine.records());
      if (minute % PROGRESS_MINUTES === 0) options.onProgress?.(shareOf(feed.path, now));
    }
    await kernel.settled();
  });
  await hub.start();
  await feed.finished();
  await kernel.settled();
  await kernel.stop();

  const records = [...engine.records()];
  const differences = (
    await Promise.all(
      records.map((record) =>
        compareLedgers(record.desk, venue, store.desks.get(record.deskId)?.events ?? []),
      ),
    )
  ).flat();
  await market.stop();
  return {
    bots: options.bots.map((bot) => resultOf(kernel, bot)),
    differences,
    ...digestOf(store),
    decisions: engine.decisions,
  };
}

const PROGRESS_MINUTES = 1_440;

function shareOf(path: { firstTime: number; lastTime: number | null }, now: number): number {
  return path.lastTime === null ? 0 : (now - path.firstTime) / (path.lastTime - path.firstTime);
}

async function startBot(
  { commands, engine, settled }: Kernel,
  bot: ReplayBot,
  { symbol, limits }: ReplayOptions,
): Promise<void> {
  const deskId = bot.name;
  await commands.open(deskId);
  await settled();
  const accountId = [...(engine.record(deskId)?.desk.accounts.keys() ?? [])][0];
  const envelope = {
    expectedVersion: null,
    validUntil: null,
    actor: { kind: 'user', userId: deskId, deviceId: 'replay' },
    receivedAt: 0,
  } as const;
  if (limits !== undefined) {
    const set = await commands.execute(deskId, {
      ...{ ...envelope, op: 'limits.set', args: { ...limits, accountId }, commandId: `limits-${bot.name}` },
    });
    if (!set.ok) throw new Error(`${bot.name}: ${set.error.message}`);
  }
  const created = await commands.execute(deskId, {
    ...envelope,
    op: 'bots.create',
    args: {
      ...{ name: bot.name, accountId, symbol, strategy: bot.strategy, leverage: bot.leverage },
      ...{ interval: bot.preset.interval, params: bot.preset.params, allocationPct: '50' },
      ...{ marginMode: 'isolated', onRestart: 'hold' },
    },
    commandId: `create-${bot.name}`,
  });
  if (!created.ok) throw new Error(`${bot.name}: ${created.error.message}`);
  const { botId } = created.result as { botId: string };
  const begun = await commands.execute(deskId, {
    ...{ ...envelope, op: 'bots.start', args: { botId }, commandId: `start-${bot.name}` },
  });
  if (!begun.ok) throw new Error(`${bot.name}: ${begun.error.message}`);
}

function resultOf({ engine }: Kernel, bot: ReplayBot): ReplayResult['bots'][number] {
  const desk = engine.record(bot.name)?.desk;
  const [made] = desk?.bots.values() ?? [];
  const [state] = desk?.accounts.values() ?? [];
  if (made === undefined || state === undefined) throw new Error(`bot ${bot.name} is missing`);
  const { trades, wins, realisedPnl, fees, funding } = made.stats;
  return {
    name: bot.name,
    trades,
    wins,
    netPnl: `${realisedPnl} − ${fees} + ${funding}`,
    balance: state.account.balances.USDT ?? '0',
    state: made.state,
  };
}

function digestOf(store: MemoryStore): Pick<ReplayResult, 'digest' | 'events' | 'fills'> {
  const hash = createHash('sha256');
  let events = 0;
  let fills = 0;
  for (const deskId of [...store.desks.keys()].sort()) {
    for (const event of store.desks.get(deskId)?.events ?? []) {
      hash.update(`${event.deskId}|${event.seq}|${event.version}|${event.kind}|${event.ts}|${event.body}\n`);
      events += 1;
      if (event.kind === 'FillRecorded') fills += 1;
    }
  }
  return { digest: hash.digest('hex'), events, fills };
}
