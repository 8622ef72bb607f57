import { inputsNow } from '../core/bot/barsDue.ts';
import type { Context, EngineSettings } from '../core/context.ts';
import { decide } from '../core/decide.ts';
import type { Input } from '../core/inputs.ts';
import { withdrawn } from '../core/withdrawn.ts';
import type { AccountDirectory } from '../ports/accountDirectory.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import type { Logger } from '../ports/logger.ts';
import type { MarketFeed } from '../ports/marketFeed.ts';
import type { PanicJournals } from '../ports/panicJournals.ts';
import type { ShardLeases } from '../ports/shardLeases.ts';
import type { Venue } from '../ports/venue.ts';
import type { VenueKeys } from '../ports/venueKeys.ts';
import { AccountComparisons } from './accountComparisons.ts';
import { EngineAdminDesks } from './adminDesks.ts';
import { BarHub } from './barHub/barHub.ts';
import { BotBars } from './botBars.ts';
import { BotLines } from './botLines.ts';
import { BoundedVenue } from './boundedVenue.ts';
import { EngineCommands } from './deskCommands.ts';
import type { RecoveryPauses } from './deskFailures.ts';
import { DeskTicks } from './deskTicks.ts';
import { DeskWaker } from './deskWaker.ts';
import { DirectoryWriter } from './directoryWriter.ts';
import { EffectRunner, type EffectRunnerOptions } from './effectRunner.ts';
import type { EffectSink } from './effectSink.ts';
import { Engine } from './engine.ts';
import { EngineQueries } from './engineQueries.ts';
import { DESK_IDLE_MS, IdleDesks } from './idleDesks.ts';
import { Intake } from './intake.ts';
import { KeyCommands } from './keyCommands.ts';
import type { Lease } from './lease.ts';
import { LeaseKeeper, ONLY_SHARD } from './leaseKeeper.ts';
import { LogDeskHistory } from './logDeskHistory.ts';
import { marketContext } from './marketContext.ts';
import { recoverDesks } from './recoverDesks.ts';
import { Rounds } from './rounds.ts';
import { SleepingAccounts } from './sleepingAccounts.ts';
import { answered, StoreHealth } from './storeHealth.ts';
import { ValuationPushes } from './valuationPushes.ts';

/** All that a kernel knows of the outside. */
export interface KernelPorts {
  /** The machine's: for what follows the calendar, and how long the store is waited for. */
  clock: Clock;
  /** One that nobody sets: for what decides, waits at venues and makes markets. */
  steady: Clock;
  logger: Logger;
  log: DeskLog;
  publisher: EventPublisher;
  /** Where the lease is kept and who asks for it; or one that needs no keeping. */
  lease: { leases: ShardLeases; owner: string } | Lease;
  feeds: readonly MarketFeed[];
  venues: readonly Venue[];
  /** What `npm run panic` did. Absent: nobody can have panicked. */
  panics?: PanicJournals | undefined;
  /** Where the accounts are written down for who must act without the database. Absent: nowhere. */
  directory?: AccountDirectory | undefined;
  /** The store does not answer: what connects us to it is to be made anew. */
  onStoreSilent?(): void;
}

export interface KernelSettings {
  /** Of the log. */
  epoch: string;
  engine: EngineSettings;
  /** Market time moves only when everything that follows from a step has settled. */
  lockStep: boolean;
  /** The venue where a new user's account is opened. */
  firstVenue: string;
  /** Events between two snapshots of a desk. Absent: as ever. */
  snapshotEveryEvents?: number | undefined;
  /** Before a desk whose decisions keep failing is recovered again. Absent: as ever. */
  recoveryPauses?: RecoveryPauses | undefined;
  /** How long a desk with nothing to look after stays in memory unused, ms of elapsed time; absent: five minutes. */
  idleMs?: number | undefined;
}

/** What takes the place of a part: for mutants, and for tests and benches of the engine alone. */
export interface Instead {
  decide?: typeof decide;
  /** What is due when something comes to its turn. */
  due?: typeof inputsNow;
  /** What speaks against a write when it is due, and after each wait. */
  withdrawn?: typeof withdrawn;
  /** What the runner of effects is made of. */
  effectOptions?(real: EffectRunnerOptions): EffectRunnerOptions;
  /** What decisions read of the world. */
  context?(real: Context): Context;
  /** Who runs effects; `submit` puts what becomes of them into the desk's inbox. */
  effects?(submit: (deskId: string, input: Input) => void): EffectSink;
}

/** The engine and all that it needs to run. */
export interface Kernel {
  /** Bars and prices. */
  readonly hub: BarHub;
  readonly health: StoreHealth;
  readonly lease: Lease;
  readonly engine: Engine;
  readonly commands: EngineCommands;
  readonly queries: EngineQueries;
  readonly admin: EngineAdminDesks;
  readonly history: LogDeskHistory;
  readonly intake: Intake;
  readonly ticks: DeskTicks;
  readonly rounds: Rounds;
  /** What sets keys of accounts, over a store of them. */
  accountKeys(keys: VenueKeys): KeyCommands;
  /** With the lease held and the hub started: hears the venues, recovers every desk that has something to look after, then takes commands. */
  takeOver(): Promise<void>;
  /** Every desk that is to be awake is back: commands are decided from now on. */
  takeCommands(): void;
  /** Nothing waits to be decided, committed or answered. */
  isIdle(): boolean;
  /** Resolves when nothing waits to be decided, committed or answered: market time of a lock-step run may go on. */
  settled(): Promise<void>;
  /** Finishes what is under way and lets the lease go. */
  stop(): Promise<void>;
}

/**
 * Wires the engine to the ports of a host: a server, a replay, a test or a bench. Markets, venues, users and time come in
 * through hub, intake, commands and rounds; it acts on the log, the publisher and the venues.
 */
export function createKernel(ports: KernelPorts, settings: KernelSettings, instead: Instead = {}): Kernel {
  const { clock, steady, logger, log, publisher, feeds, panics, onStoreSilent = () => {} } = ports;
  const {
    epoch,
    lockStep,
    firstVenue,
    snapshotEveryEvents,
    recoveryPauses,
    idleMs = DESK_IDLE_MS,
  } = settings;

  const venues = new Map(ports.venues.map((venue) => [venue.venue, new BoundedVenue(venue, steady)]));
  const hub = new BarHub({ feeds, logger, clock: steady });
  const simulated = new Set(feeds.filter((feed) => feed.simulated).map((feed) => feed.venue));
  const world = { epoch, clock: steady, settings: settings.engine, hub, venues, simulated, lockStep };
  const real = marketContext(world);
  const context = instead.context?.(real) ?? real;

  const health = new StoreHealth({ clock, logger });
  health.onChange((degradation) => {
    if (degradation?.reason === 'store_silent') onStoreSilent();
  });
  const lease =
    'leases' in ports.lease ? new LeaseKeeper({ ...ports.lease, clock, logger, health }) : ports.lease;

  const engine: Engine = new Engine({
    ...{ log, context, epoch, clock, logger, publisher, health, panics },
    decide: instead.decide ?? decide,
    due: instead.due ?? inputsNow,
    withdrawn: instead.withdrawn ?? withdrawn,
    ...{ snapshotEveryEvents, recoveryPauses },
    lease: () => lease.held,
    runEffect: (deskId, effect) => effects.run(deskId, effect),
    onLeaseLost: () => lease.lost(),
    probeStore: () => answered(clock, lease.renew(), onStoreSilent),
    onAsleep: (queued) => waker.arrived(queued),
    onCompared: (deskId, accountId) => waker.compared(deskId, accountId),
  });
  const submit = (deskId: string, input: Input): void => engine.submit(deskId, input);
  const bars = new BotBars(hub);
  const lines = new BotLines({ engine, publisher, clock });
  const effectOptions: EffectRunnerOptions = {
    ...{ venues, bars, clock: steady, logger, submit },
    leaseLeftMs: () => lease.leftMs(),
    withdrawn: (deskId, effect) => engine.withdrawn(deskId, effect),
    say: (deskId, botId, said) => lines.say(deskId, botId, said),
  };
  const effects: EffectSink =
    instead.effects?.(submit) ?? new EffectRunner(instead.effectOptions?.(effectOptions) ?? effectOptions);

  let takeCommands = (): void => {};
  const recovered = new Promise<void>((resolve) => {
    takeCommands = resolve;
  });
  const waker: DeskWaker = new DeskWaker({ engine, log, context, health, clock, logger, recovered });
  const commands = new EngineCommands({ engine, waker, log, logger, firstVenue, recovered });
  const queries = new EngineQueries({ engine, waker, context, venues, feeds });
  // Those with something open first.
  const deskIds = async (): Promise<string[]> => {
    const [awake, all] = await Promise.all([log.awakeDesks(ONLY_SHARD), log.desksOfShard(ONLY_SHARD)]);
    return [...new Set([...awake, ...all])];
  };
  const admin = new EngineAdminDesks({ commands, queries, log, logger, health, deskIds });

  const history = new LogDeskHistory(log, epoch);

  const sleeping = new SleepingAccounts({
    ...{ engine, waker, effects, log, health, clock, logger },
    venues: venues.keys(),
  });
  const intake = new Intake({ engine, sleeping, hub, venues, clock });
  const ticks = new DeskTicks({ engine, context, bars });
  const { directory } = ports;
  const rounds = new Rounds({
    ...{ engine, ticks, log, publisher, clock, logger, epoch },
    valuations: new ValuationPushes({ context, publisher, clock }),
    comparisons: new AccountComparisons({ engine, effects }),
    compareEveryMs: settings.engine.reconcileEveryMs,
    idle: new IdleDesks({ engine, waker, effects, clock, idleMs }),
    ...{ sleeping, waker },
    directory:
      directory === undefined ? null : new DirectoryWriter({ engine, log, directory, clock, logger }),
  });

  return {
    ...{ hub, health, lease, engine, commands, queries, admin, history, intake, ticks, rounds },
    accountKeys: (keys) => new KeyCommands({ commands, waker, keys, venues, logger }),
    takeCommands,
    isIdle: () => engine.isIdle() && effects.isIdle(),
    async takeOver() {
      await intake.start();
      rounds.start();
      await recoverDesks(engine, log, clock);
      takeCommands();
    },
    async settled() {
      do {
        await engine.settled();
        await effects.settled();
      } while (!engine.isIdle());
    },
    async stop() {
      rounds.stop();
      await hub.stop();
      await engine.stop();
      // A store that is away keeps nobody from stopping: the lease ends by itself.
      await health.unlessAway(lease.release()).catch((error: unknown) => {
        logger.warn({ error: String(error) }, 'the lease could not be released');
      });
    },
  };
}
