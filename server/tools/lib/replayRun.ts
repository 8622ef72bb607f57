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
import { BarHub } from '../../runtime/barHub/barHub.ts';
import { BotBars } from '../../runtime/botBars.ts';
import { BoundedVenue } from '../../runtime/boundedVenue.ts';
import { EngineCommands } from '../../runtime/deskCommands.ts';
import { DeskService } from '../../runtime/deskService.ts';
import { EffectRunner } from '../../runtime/effectRunner.ts';
import { Engine } from '../../runtime/engine.ts';
import { marketContext } from '../../runtime/marketContext.ts';
import { settled } from '../../runtime/settled.ts';
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
  const venues = new Map([[venue.venue, new BoundedVenue(venue, clock)]]);
  const hub = new BarHub({ feeds: [feed], logger, clock });
  const store = options.store ?? new MemoryStore(EPOCH);
  const log = new MemoryDeskLog(store);
  const publisher = new MemoryEventBus();
  const context = marketContext({
    ...{ epoch: EPOCH, clock, hub, venues, settings: DEFAULT_ENGINE_SETTINGS },
    simulated: new Set([venue.venue]),
    lockStep: true,
  });
  store.leases.set(0, { owner: EPOCH, token: 1n, expiresAt: Number.MAX_SAFE_INTEGER });
  const engine: Engine = new Engine({
    ...{ log, context, epoch: EPOCH, clock, logger, publisher },
    lease: () => ({ shard: 0, token: 1n }),
    runEffect: (deskId, effect) => effects.run(deskId, effect),
    onLeaseLost: () => logger.error({}, 'the lease of the replay was lost'),
  });
  const bars = new BotBars(hub);
  const effects: EffectRunner = new EffectRunner({
    ...{ venues, bars, clock, logger },
    withdrawn: (deskId, effect) => engine.withdrawn(deskId, effect),
    leaseLeftMs: () => Number.POSITIVE_INFINITY,
    submit: (deskId, input) => engine.submit(deskId, input),
    say: () => {},
  });
  const service = new DeskService({
    ...{ engine, effects, bars, context, log, hub, venues, publisher, clock, logger, epoch: EPOCH },
    reconcileEveryMs: Number.POSITIVE_INFINITY,
    directory: null,
  });
  const commands = new EngineCommands({ engine, log, logger, firstVenue: venue.venue });

  await market.start();
  await venue.start((push) => service.onPush(push));
  let minute = 0;
  let started = false;
  hub.setBarrier(async () => {
    const now = feed.marketTime();
    if (!started) {
      started = true;
      for (const bot of options.bots) await startBot(commands, engine, effects, bot, options);
    }
    if (Math.floor(now / MINUTE_MS) !== minute) {
      minute = Math.floor(now / MINUTE_MS);
      service.tick();
      if (minute % PROGRESS_MINUTES === 0) options.onProgress?.(shareOf(feed.path, now));
    }
    await settled(engine, effects);
  });
  await hub.start();
  await feed.finished();
  await settled(engine, effects);
  await hub.stop();

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
    bots: options.bots.map((bot) => resultOf(engine, bot)),
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
  commands: EngineCommands,
  engine: Engine,
  effects: EffectRunner,
  bot: ReplayBot,
  { symbol, limits }: ReplayOptions,
): Promise<void> {
  const deskId = bot.name;
  await commands.open(deskId);
  await settled(engine, effects);
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

function resultOf(engine: Engine, bot: ReplayBot): ReplayResult['bots'][number] {
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
