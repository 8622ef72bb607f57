import { MemoryDeskLog } from '../../adapters/memory/deskLog.ts';
import { MemoryEventBus } from '../../adapters/memory/eventBus.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import { createSimulatedVenue, type RunningVenue } from '../../adapters/simulated/createSimulatedVenue.ts';
import { MemoryVenueStore } from '../../adapters/simulated/store/memoryVenueStore.ts';
import { DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { Desk } from '../../core/desk.ts';
import type { DirectoryEntry } from '../../ports/accountDirectory.ts';
import type { CommandEnvelope, CommandReply } from '../../ports/deskGateway.ts';
import type { PendingPanic } from '../../ports/panicJournals.ts';
import type { Venue, VenuePush } from '../../ports/venue.ts';
import { createKernel, type Instead, type Kernel } from '../../runtime/kernel.ts';
import { ONLY_SHARD } from '../../runtime/leaseKeeper.ts';
import { soleLease } from '../../runtime/soleLease.ts';
import { insteadOf } from '../insteadOf.ts';
import { CutFeed } from '../market/cutFeed.ts';
import { RecordingLogger } from '../recordingLogger.ts';
import { silentLogger } from '../silentLogger.ts';
import { ManualClock } from '../venue/manualClock.ts';

const EPOCH = 'sleep';
const STEP_MS = 100;
/** How long a desk stays in memory unused. */
export const IDLE_MS = 20_000;

/** The kernel with many desks on the simulated venue, on a clock that a test moves: desks come into memory and leave it. */
export class SleepWorld {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  readonly store = new MemoryStore(EPOCH);
  readonly log: MemoryDeskLog;
  /** What appends wait for. */
  beforeCommit: () => Promise<void> = async () => {};
  /** What `npm run panic` did and no commit has taken in. */
  panics: PendingPanic[] = [];
  /** What reading them waits for. */
  beforePanicsRead: () => Promise<void> = async () => {};
  /** As they were written down last. */
  directory: DirectoryEntry[] = [];
  readonly venue: Venue;
  readonly #market: RunningVenue;
  #onPush: (push: VenuePush) => void = () => {};
  #commands = 0;
  #feed: CutFeed | undefined;
  kernel!: Kernel;

  constructor(readonly decide?: Instead['decide']) {
    this.#market = createSimulatedVenue({
      ...{ seed: EPOCH, speed: 60, profile: 'ideal', store: new MemoryVenueStore() },
      ...{ clock: this.clock, logger: silentLogger },
    });
    this.venue = this.#market.venue;
    this.store.leases.set(ONLY_SHARD, { owner: EPOCH, token: 1n, expiresAt: Number.MAX_SAFE_INTEGER });
    this.log = new MemoryDeskLog(this.store, { beforeCommit: () => this.beforeCommit() });
  }

  /** Nobody has a desk yet. */
  async start(): Promise<void> {
    await this.#market.start();
    await this.#market.venue.start((push) => this.#onPush(push));
    await this.#startProcess();
  }

  /** A desk with an account that is ready; answers the account's id. */
  async open(deskId: string): Promise<string> {
    const opened = this.kernel.commands.open(deskId);
    await this.pass(500);
    await opened;
    const [accountId] = this.desk(deskId)?.accounts.keys() ?? [];
    if (accountId === undefined) throw new Error('no account');
    return accountId;
  }

  /** The process dies; another one is there at once. */
  async restart(): Promise<void> {
    this.kernel.rounds.stop();
    this.#feed?.unplug();
    void this.kernel.engine.stop();
    await this.#startProcess();
  }

  async stop(): Promise<void> {
    await this.kernel.stop();
    await this.#market.stop();
  }

  /** In memory; undefined: it sleeps. */
  desk(deskId: string): Desk | undefined {
    return this.kernel.engine.record(deskId)?.desk;
  }

  /** Both clocks move on, and everything that follows happens. */
  async pass(ms: number, step = STEP_MS): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.advance(step);
      await this.turns();
    }
  }

  /** What can happen without time happens. */
  async turns(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async until(what: string, done: () => boolean): Promise<void> {
    for (let waited = 0; !done(); waited += STEP_MS) {
      if (waited > 300_000) throw new Error(`never: ${what}`);
      await this.pass(STEP_MS);
    }
  }

  /** Long enough for what nobody uses to leave memory. */
  sleep(): Promise<void> {
    return this.pass(IDLE_MS + 12_000, 500);
  }

  /** Everything waits for what is asked: no time passes. */
  send(
    deskId: string,
    op: CommandEnvelope['op'],
    args: unknown,
    commandId = `${op} ${++this.#commands}`,
  ): Promise<CommandReply> {
    return this.kernel.commands.execute(deskId, {
      ...{ op, args, commandId, expectedVersion: null, validUntil: null, receivedAt: this.clock.now() },
      actor: { kind: 'user', userId: deskId, deviceId: 'phone' },
    });
  }

  async command(deskId: string, op: CommandEnvelope['op'], args: unknown): Promise<Record<string, unknown>> {
    const answer = this.send(deskId, op, args);
    await this.pass(300);
    const reply = await answer;
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.result as Record<string, unknown>;
  }

  order(accountId: string, size = '0.01') {
    const request = { accountId, symbol: 'BTCUSDT', side: 'buy', type: 'market', size };
    return { ...request, price: null, timeInForce: 'ioc', reduceOnly: false, preview: false } as const;
  }

  /** As somebody would with keys of their own. */
  async tradeAtVenue(accountId: string): Promise<void> {
    const answer = this.venue.placeOrder({
      ...{ account: { accountId }, clientOrderId: 'by-hand-elsewhere', symbol: 'BTCUSDT', side: 'buy' },
      ...{
        type: 'market',
        size: '0.02',
        price: null,
        triggerPrice: null,
        triggerBy: null,
        timeInForce: 'ioc',
      },
      ...{ reduceOnly: false, attachedStop: null, notAfter: null },
    } as unknown as Parameters<Venue['placeOrder']>[0]);
    await this.turns();
    if ((await answer).outcome !== 'accepted') throw new Error(JSON.stringify(await answer));
  }

  head(deskId: string): number {
    return this.store.desks.get(deskId)?.events.length ?? 0;
  }

  isAwakeInLog(deskId: string): boolean | undefined {
    return this.store.desks.get(deskId)?.awake;
  }

  async #startProcess(): Promise<void> {
    const { clock, logger, log } = this;
    const { venue } = this.#market;
    const feed = new CutFeed(this.#market.feed, this.#feed);
    this.#feed = feed;
    // The venue outlives a process; to whoever is there now it tells of the accounts that he asked for.
    const watched = new Set<string>();
    const start = async (listener: (push: VenuePush) => void): Promise<void> => {
      this.#onPush = (push) => {
        if (!('accountId' in push) || watched.has(push.accountId)) listener(push);
      };
    };
    const watch = async ({ accountId }: { accountId: string }): Promise<void> => {
      watched.add(accountId);
      await venue.watch({ accountId });
    };
    this.kernel = createKernel(
      {
        ...{ clock, steady: clock, logger, log, publisher: new MemoryEventBus() },
        lease: soleLease(log, { shard: ONLY_SHARD, token: 1n }),
        feeds: [feed],
        venues: [insteadOf<Venue>(venue, { start, watch })],
        panics: {
          pending: async (ids) => {
            await this.beforePanicsRead();
            return this.panics.filter(({ record }) => ids === 'all' || ids.has(record.accountId));
          },
          consumed: async (panic) => {
            this.panics = this.panics.filter((other) => other !== panic);
          },
        },
        directory: {
          save: async (parts) => {
            const entries: DirectoryEntry[] = [];
            for await (const part of parts) entries.push(...part);
            this.directory = entries;
          },
        },
      },
      {
        ...{ epoch: EPOCH, engine: DEFAULT_ENGINE_SETTINGS, lockStep: false, firstVenue: venue.venue },
        idleMs: IDLE_MS,
      },
      this.decide === undefined ? {} : { decide: this.decide },
    );
    await this.kernel.hub.start();
    const ready = this.kernel.takeOver();
    await this.turns();
    await ready;
  }
}
