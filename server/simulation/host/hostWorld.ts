import { steadyClock } from '../../adapters/clock/steadyClock.ts';
import { MemoryDeskLog } from '../../adapters/memory/deskLog.ts';
import { MemoryEventBus } from '../../adapters/memory/eventBus.ts';
import { MemoryShardLeases } from '../../adapters/memory/shardLeases.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import { PROFILES } from '../../adapters/simulated/profiles.ts';
import { DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { CommandEnvelope, CommandReply } from '../../ports/deskGateway.ts';
import type { Logger } from '../../ports/logger.ts';
import { createKernel, type Kernel } from '../../runtime/kernel.ts';
import { MARKET_START_MS, SimMarket, STEP_MS } from '../market.ts';
import { Random } from '../random.ts';
import { Schedule } from '../schedule.ts';
import { scriptedStrategy } from '../scriptedStrategy.ts';
import { VenueModel } from '../venueModel.ts';
import { contextWith } from './contextWith.ts';
import { drain } from './drain.ts';
import { Host } from './host.ts';
import { HostFeed } from './hostFeed.ts';
import { HostVenue } from './hostVenue.ts';

const WALL_START_MS = 1_800_000_000_000;
const EPOCH = 'host';
const VENUE = 'sim';
/** Market ms per world ms. */
const SPEED = 60;
const PROFILE = PROFILES.ideal;

/** A process of the product as it is, on a schedule: log and venue outlive it, and all else follows from the seed. */
export class HostWorld {
  readonly store = new MemoryStore(EPOCH);
  readonly venue: VenueModel;
  host!: Host;
  kernel!: Kernel;
  readonly #schedule = new Schedule();
  readonly #market: SimMarket;
  readonly #random: Random;
  readonly #logger: Logger;
  #feed!: HostFeed;
  #port!: HostVenue;

  constructor(seed: number, logger: Logger) {
    this.#logger = logger;
    this.#random = new Random(seed, 1);
    this.#market = new SimMarket(seed);
    this.#market.moveTo(MARKET_START_MS);
    this.venue = new VenueModel(this.#market, PROFILE, {
      push: (push) => {
        const [host, port] = [this.host, this.#port];
        host.tell(() => port.push(push));
      },
      now: () => this.#schedule.now,
      later: (delayMs, run) => this.#schedule.after(delayMs, run),
      lateMs: () => 0,
      isNameless: () => false,
      counted: () => {},
    });
    this.#step();
    this.startProcess();
  }

  /** A process of its own: what the former one had in memory is gone. */
  startProcess(): void {
    const [schedule, random] = [this.#schedule, this.#random];
    const wallTime = (): number => WALL_START_MS + schedule.now;
    const host = new Host({ schedule, wallTime, latency: () => random.between(1, 15) });
    const { clock } = host;
    const port = new HostVenue(this.venue, {
      venue: VENUE,
      capabilities: PROFILE.capabilities,
      writeWindowMs: 5_000 * SPEED,
    });
    const feed = new HostFeed(this.#market, VENUE, SPEED);
    const kernel = createKernel(
      {
        ...{ clock, steady: steadyClock(clock), logger: this.#logger, publisher: new MemoryEventBus() },
        log: host.remote(new MemoryDeskLog(this.store)),
        lease: {
          leases: host.remote(new MemoryShardLeases(this.store, { ...clock, now: wallTime })),
          owner: EPOCH,
        },
        feeds: [feed],
        venues: [host.remote(port)],
      },
      { epoch: EPOCH, engine: DEFAULT_ENGINE_SETTINGS, lockStep: false, firstVenue: VENUE },
      { context: (real) => contextWith(real, { strategy: { value: () => scriptedStrategy } }) },
    );
    [this.host, this.kernel, this.#feed, this.#port] = [host, kernel, feed, port];
    const serve = async (): Promise<void> => {
      await kernel.lease.acquire(() => host.gate.die());
      await kernel.hub.start();
      await kernel.takeOver();
    };
    void serve();
    drain();
  }

  get now(): number {
    return this.#schedule.now;
  }

  /** The world goes on for so long, ms. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.now < end) {
      this.#schedule.runNext();
      drain();
    }
  }

  /** What a user's device asks for, answered within the time it waits. */
  command(deskId: string, op: CommandEnvelope['op'], args: unknown): CommandReply {
    const heard: CommandReply[] = [];
    const envelope: CommandEnvelope = {
      ...{ op, args, commandId: `${op} ${this.now}`, expectedVersion: null, validUntil: null },
      actor: { kind: 'user', userId: deskId, deviceId: 'phone' },
      receivedAt: WALL_START_MS + this.now,
    };
    void this.kernel.commands.execute(deskId, envelope).then((reply) => heard.push(reply));
    for (let waited = 0; heard.length === 0 && waited < 60_000; waited += 10) this.pass(10);
    const [reply] = heard;
    if (reply === undefined) throw new Error(`${op} is not answered`);
    return reply;
  }

  /** A desk whose bot trades on most bars. */
  openDesk(deskId: string): void {
    void this.kernel.commands.open(deskId);
    this.pass(3_000);
    const accountId = [...(this.kernel.engine.record(deskId)?.desk.accounts.keys() ?? [])][0];
    const created = this.command(deskId, 'bots.create', {
      ...{ name: 'bot', accountId, symbol: 'BTCUSDT', strategy: scriptedStrategy.id, leverage: 2 },
      ...{ interval: '1m', params: {}, allocationPct: '50', marginMode: 'isolated', onRestart: 'resume' },
    });
    if (!created.ok) throw new Error(created.error.message);
    const { botId } = created.result as { botId: string };
    const started = this.command(deskId, 'bots.start', { botId });
    if (!started.ok) throw new Error(started.error.message);
  }

  #step(): void {
    this.#schedule.after(STEP_MS / SPEED, () => {
      this.#market.moveTo(this.#market.stepTime + STEP_MS);
      this.venue.step();
      const [host, feed] = [this.host, this.#feed];
      host.gate.run(() => feed.step());
      this.#step();
    });
  }
}
