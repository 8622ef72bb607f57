import { MemoryDeskLog } from '../../adapters/memory/deskLog.ts';
import { MemoryEventBus } from '../../adapters/memory/eventBus.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import { createSimulatedVenue, type RunningVenue } from '../../adapters/simulated/createSimulatedVenue.ts';
import { MemoryVenueStore } from '../../adapters/simulated/store/memoryVenueStore.ts';
import { DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { Desk } from '../../core/desk.ts';
import type { DeskEvent } from '../../core/events.ts';
import type { DesiredOrder, HeldPosition } from '../../core/strategy/strategy.ts';
import type { CommandEnvelope } from '../../ports/deskGateway.ts';
import type { Venue, VenuePush } from '../../ports/venue.ts';
import type { BarHub } from '../../runtime/barHub/barHub.ts';
import type { Engine } from '../../runtime/engine.ts';
import { createKernel, type Instead, type Kernel } from '../../runtime/kernel.ts';
import { ONLY_SHARD } from '../../runtime/leaseKeeper.ts';
import { soleLease } from '../../runtime/soleLease.ts';
import { decodeEvent } from '../../runtime/storedEvents.ts';
import { NOTHING, PLAN, scriptedStrategy } from '../core/samples.ts';
import { insteadOf } from '../insteadOf.ts';
import { CutFeed } from '../market/cutFeed.ts';
import { silentLogger } from '../silentLogger.ts';
import { ManualClock } from '../venue/manualClock.ts';

const EPOCH = 'bars';
export const DESK = 'u1';
/** Wall ms in which a one-minute bar closes. */
export const BAR_WALL_MS = 1_000;
const STEP_MS = 50;

/** What a bot was asked. */
interface Asked {
  openTime: number;
  held: boolean;
  /** Market ms since the bar closed. */
  age: number;
}

/** The kernel on a feed and a venue as in the server, on a clock that a test moves; the bot wants what the test says. */
export class BarsWorld {
  readonly clock = new ManualClock();
  readonly asked: Asked[] = [];
  /** The next commit fails, and the desk is read back. */
  failsCommit = false;
  /** What the venue pushes does not come through: look-ups and readings have it later. */
  losesPushes = false;
  wants: (openTime: number, held: HeldPosition | null) => DesiredOrder[] = () => [];
  /** Who decides; the core unless given. */
  decide: Instead['decide'];
  readonly #store = new MemoryStore(EPOCH);
  readonly #market: RunningVenue;
  readonly #log: MemoryDeskLog;
  feed!: CutFeed;
  #kernel!: Kernel;
  #onPush: (push: VenuePush) => void = () => {};
  botId = '';

  constructor() {
    this.#market = createSimulatedVenue({
      ...{ seed: EPOCH, speed: 60, profile: 'ideal', store: new MemoryVenueStore() },
      ...{ clock: this.clock, logger: silentLogger },
    });
    this.#store.leases.set(ONLY_SHARD, { owner: EPOCH, token: 1n, expiresAt: Number.MAX_SAFE_INTEGER });
    this.#log = new MemoryDeskLog(this.#store, {
      beforeCommit: () => {
        if (!this.failsCommit) return;
        this.failsCommit = false;
        throw new Error('the disk is full');
      },
    });
  }

  /** A desk with a bot that runs. */
  async start(): Promise<void> {
    await this.#market.start();
    await this.#market.venue.start((push) => this.#onPush(push));
    this.feed = new CutFeed(this.#market.feed);
    await this.#startProcess();
    await this.#kernel.takeOver();
    await this.#kernel.commands.open(DESK);
    await this.pass(500);
    const accountId = [...this.desk.accounts.keys()][0] ?? '';
    const created = await this.command('bots.create', {
      ...{ name: 'bot', accountId, symbol: 'BTCUSDT', strategy: 'scripted', leverage: 2, interval: '1m' },
      ...{ params: {}, allocationPct: '50', marginMode: 'isolated', onRestart: 'resume' },
    });
    this.botId = (created as { botId: string }).botId;
    await this.command('bots.start', { botId: this.botId });
    await this.pass(500);
  }

  /** The process ends; another one is there after `downMs` of wall time. `first`: what it does before it has its desks. */
  async restart(downMs: number, first: (hub: BarHub) => Promise<void> = async () => {}): Promise<void> {
    this.#kernel.rounds.stop();
    await this.engine.stop();
    this.feed.unplug();
    await this.pass(downMs);
    this.feed = new CutFeed(this.#market.feed, this.feed);
    await this.#startProcess();
    await first(this.#kernel.hub);
    await this.#kernel.takeOver();
    await this.pass(500);
  }

  async stop(): Promise<void> {
    await this.#kernel.stop();
    await this.#market.stop();
  }

  get engine(): Engine {
    return this.#kernel.engine;
  }

  get desk(): Desk {
    const record = this.engine.record(DESK);
    if (record === undefined) throw new Error('no desk');
    return record.desk;
  }

  get position() {
    return [...this.desk.positions.values()][0];
  }

  marketTime(): number {
    return this.feed.marketTime();
  }

  /** Open time of the newest bar that closed. */
  get newestBar(): number {
    return Math.floor(this.marketTime() / 60_000) * 60_000 - 60_000;
  }

  /** Both clocks move on, and everything that follows happens. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.clock.advance(STEP_MS);
      for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await this.#kernel.settled();
    }
  }

  async until(what: string, done: () => boolean): Promise<void> {
    for (let waited = 0; !done(); waited += STEP_MS) {
      if (waited > 30_000) throw new Error(`never: ${what}`);
      await this.pass(STEP_MS);
    }
  }

  stored(): DeskEvent[] {
    return (this.#store.desks.get(DESK)?.events ?? []).map(decodeEvent);
  }

  async #startProcess(): Promise<void> {
    const { clock, feed } = this;
    const { venue } = this.#market;
    // The stream outlives a process; whoever is there now listens.
    const start = async (listener: (push: VenuePush) => void): Promise<void> => {
      this.#onPush = (push) => {
        if (!this.losesPushes) listener(push);
      };
    };
    const stream = insteadOf<Venue>(venue, { start });
    const strategy = scriptedStrategy(() => ({
      desired: [],
      protection: PLAN,
      note: NOTHING.note,
    }));
    const scripted = {
      ...strategy,
      evaluate: (of: Parameters<typeof strategy.evaluate>[0]) => this.#ask(of),
    };
    this.#kernel = createKernel(
      {
        ...{ clock, steady: clock, logger: silentLogger, log: this.#log, publisher: new MemoryEventBus() },
        lease: soleLease(this.#log, { shard: ONLY_SHARD, token: 1n }),
        feeds: [feed],
        venues: [stream],
      },
      { epoch: EPOCH, engine: DEFAULT_ENGINE_SETTINGS, lockStep: false, firstVenue: venue.venue },
      {
        context: (market) => insteadOf(market, { strategy: () => scripted }),
        ...(this.decide === undefined ? {} : { decide: this.decide }),
      },
    );
    await this.#kernel.hub.start();
  }

  #ask({ bars, position }: Parameters<ReturnType<typeof scriptedStrategy>['evaluate']>[0]) {
    const openTime = bars.openTime.at(-1) ?? 0;
    this.asked.push({ openTime, held: position !== null, age: this.marketTime() - openTime - 60_000 });
    const desired = this.wants(openTime, position);
    return { desired, protection: PLAN, note: NOTHING.note };
  }

  async command(op: CommandEnvelope['op'], args: unknown): Promise<unknown> {
    const answer = this.#kernel.commands.execute(DESK, {
      ...{ op, args, commandId: op, expectedVersion: null, validUntil: null, receivedAt: 0 },
      actor: { kind: 'user', userId: DESK, deviceId: 'phone' },
    });
    await this.pass(100);
    const reply = await answer;
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.result;
  }
}
