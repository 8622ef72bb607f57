import { steadyClock } from '../../adapters/clock/steadyClock.ts';
import type { ToldPush } from '../../adapters/simulated/told.ts';
import { type Context, DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { DeskRecord } from '../../runtime/deskRecord.ts';
import { createKernel, type Kernel } from '../../runtime/kernel.ts';
import { silentLogger } from '../../testing/silentLogger.ts';
import { expectHeard } from '../invariants/heard.ts';
import { EPOCH } from '../logModel.ts';
import { scriptedStrategy } from '../scriptedStrategy.ts';
import type { BarNews, SimProcess } from '../simProcess.ts';
import type { World } from '../world.ts';
import { contextWith } from './contextWith.ts';
import { datedAhead } from './datedAhead.ts';
import { DecidedAmends } from './decidedAmends.ts';
import type { Gate } from './gate.ts';
import { Host } from './host.ts';
import { KernelCommands } from './kernelCommands.ts';
import { kernelMutations } from './kernelMutations.ts';
import { SimDeskLog } from './simDeskLog.ts';
import { SimFeed } from './simFeed.ts';
import { SimGateway } from './simGateway.ts';
import { SimLeases } from './simLeases.ts';
import { SimVenue } from './simVenue.ts';
import { StoreLine } from './storeLine.ts';
import { WatchedDecisions } from './watchDecisions.ts';

/** Far more often than a server's: snapshots are to be met. */
const SNAPSHOT_EVERY_EVENTS = 100;
/** Between the end of a life and the next, world ms. */
const BACK_MS = [500, 5_000] as const;

/** One life of the server: the product's kernel on ports of the world. All that reaches it comes through its gate. */
export class KernelProcess implements SimProcess {
  isAlive = true;
  isServing = false;
  isStopping = false;
  readonly name: string;
  readonly gate: Gate;
  readonly commands: KernelCommands;
  readonly gateway: SimGateway;
  context!: Context;
  readonly heardFills = new Set<string>();
  readonly #world: World;
  readonly #kernel: Kernel;
  readonly #log: SimDeskLog;
  readonly #leases: SimLeases;
  readonly #store: StoreLine;
  readonly #feed: SimFeed;
  readonly #venue: SimVenue;
  #pausedUntil = 0;
  #databaseCutUntil = 0;

  constructor(world: World, name: string, owner: string) {
    this.#world = world;
    this.name = name;
    const host = new Host({ schedule: world, wallTime: () => world.wallTime, latency: () => 0 });
    this.gate = host.gate;
    this.#store = new StoreLine(world, this);
    this.#leases = new SimLeases(world, this.#store);
    this.#log = new SimDeskLog(world, this, this.#store);
    this.#feed = new SimFeed(world, this.gate);
    const amends = new DecidedAmends();
    this.#venue = new SimVenue(world, this, amends);
    const decisions = new WatchedDecisions(world, this, amends);
    const mutations = kernelMutations(world);
    const { clock } = host;
    this.gateway = new SimGateway(world, this, clock);
    this.#kernel = createKernel(
      {
        ...{ clock, steady: mutations.steady(steadyClock(clock)), logger: silentLogger, log: this.#log },
        publisher: this.gateway,
        lease: { leases: this.#leases, owner },
        feeds: [this.#feed],
        venues: [this.#venue],
        onStoreSilent: () => this.#store.reset(),
      },
      {
        ...{ epoch: EPOCH, engine: DEFAULT_ENGINE_SETTINGS, lockStep: false, firstVenue: world.setup.venue },
        snapshotEveryEvents: SNAPSHOT_EVERY_EVENTS,
        recoveryPauses: mutations.recoveryPauses,
      },
      {
        ...mutations.instead,
        decide: decisions.decide,
        context: (real) => this.#seen(mutations.context(real)),
      },
    );
    this.commands = new KernelCommands(world, this.gate, this.#kernel.commands);
  }

  get isIdle(): boolean {
    return this.#kernel.isIdle() && this.gate.isClear;
  }

  get isCommitted(): boolean {
    return this.#kernel.engine.isIdle();
  }

  get hasHeardAll(): boolean {
    return this.gate.isClear;
  }

  get isPaused(): boolean {
    return this.#world.now < this.#pausedUntil;
  }

  get isDatabaseCut(): boolean {
    return this.#world.now < this.#databaseCutUntil;
  }

  get isCurrent(): boolean {
    return this.isAlive && this.isServing && this.#world.leases.isCurrent(this.leaseToken);
  }

  get leaseToken(): number {
    return this.#leases.token;
  }

  records(): Iterable<DeskRecord> {
    return this.#kernel.engine.records();
  }

  stateOf(deskId: string): DeskRecord['state'] {
    return this.#kernel.engine.record(deskId)?.state ?? 'ready';
  }

  start(): void {
    // As a server that cannot start: it ends, and is started again.
    this.#serve().catch(() => this.#end());
  }

  wake(run: () => void): void {
    this.gate.run(run);
  }

  pause(durationMs: number): void {
    this.#world.trace?.(`${this.name} sleeps for ${durationMs} ms`);
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.now + durationMs);
    this.gate.sleep();
    this.#world.after(durationMs, () => {
      if (!this.isAlive || this.isPaused) return;
      this.#world.trace?.(`${this.name} wakes`);
      this.gate.wake();
    });
  }

  cutDatabase(durationMs: number): void {
    this.#databaseCutUntil = Math.max(this.#databaseCutUntil, this.#world.now + durationMs);
    this.#world.timer(durationMs, () => {
      if (!this.isDatabaseCut) this.#store.reset();
    });
  }

  stop(): void {
    if (!this.isServing || this.isStopping) return;
    this.isStopping = true;
    void this.#kernel.stop().then(() => {
      if (!this.isAlive) return;
      this.#world.coverage.count('met:hand-over');
      this.#end();
    });
  }

  die(atCommit: 'written' | 'lost'): void {
    this.#log.die(atCommit);
    this.isAlive = false;
    this.gate.die();
    this.gateway.die();
  }

  open(deskId: string): void {
    // A user whose desk could not be opened tries again.
    this.#kernel.commands.open(deskId).catch(() => {});
  }

  onPush(push: ToldPush): void {
    expectHeard(this.#world, this, push);
    this.#venue.push(datedAhead(this.#world, push));
  }

  onStream(isBack: boolean): void {
    this.#venue.push(
      isBack
        ? { type: 'restored' }
        : { type: 'interrupted', accountIds: 'all', reason: 'the connection to the venue broke' },
    );
  }

  onPrices(): void {
    this.#feed.onPrices();
  }

  onBar(openTime: number, news: BarNews): void {
    this.#feed.onBar(openTime, news);
  }

  onGap(): void {
    this.#feed.onGap();
  }

  onInstruments(): void {
    this.#feed.onInstruments();
  }

  async #serve(): Promise<void> {
    const [world, kernel] = [this.#world, this.#kernel];
    await kernel.lease.acquire(() => {
      world.coverage.count('met:stale owner ended');
      this.#end();
    });
    this.isServing = true;
    world.tookOver(this);
    if (world.hit('crash_in_takeover')) {
      world.crash(this, 'lost');
      return;
    }
    if (world.hit('crash_in_recovery'))
      world.after(world.random.between(0, 200), () =>
        world.crash(this, world.random.chance(0.5) ? 'written' : 'lost'),
      );
    await kernel.hub.start();
    this.gateway.start(kernel.history, (deskId) => kernel.commands.attend(deskId));
    await kernel.takeOver();
    const isOpen = [...this.records()].some(({ desk }) => desk.positions.size > 0);
    if (isOpen) world.coverage.count('met:restart with open positions');
  }

  /** It ends by itself; the next life begins soon. */
  #end(): void {
    if (!this.isAlive) return;
    this.die('lost');
    this.#world.restart(this, this.#world.random.between(...BACK_MS));
  }

  #seen(context: Context): Context {
    const value = (id: string) => (id === scriptedStrategy.id ? scriptedStrategy : context.strategy(id));
    this.context = contextWith(context, { strategy: { value, enumerable: true } });
    return this.context;
  }
}
