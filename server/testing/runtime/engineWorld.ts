import type { Actor } from '../../../shared/domain/actor.ts';
import { type AppendFaults, MemoryDeskLog } from '../../adapters/memory/deskLog.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import { type Context, DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { Effect } from '../../core/effects.ts';
import type { CommandEnvelope, CommandReply } from '../../ports/deskGateway.ts';
import type { BusMessage } from '../../ports/eventBus.ts';
import type { PendingPanic } from '../../ports/panicJournals.ts';
import type { VenueKeys } from '../../ports/venueKeys.ts';
import type { EngineAdminDesks } from '../../runtime/adminDesks.ts';
import type { EngineCommands } from '../../runtime/deskCommands.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { EngineQueries } from '../../runtime/engineQueries.ts';
import { createKernel, type Kernel } from '../../runtime/kernel.ts';
import type { KeyCommands } from '../../runtime/keyCommands.ts';
import { ONLY_SHARD } from '../../runtime/leaseKeeper.ts';
import { soleLease } from '../../runtime/soleLease.ts';
import { sampleInstrument, venueFacts } from '../core/samples.ts';
import { RecordingLogger } from '../recordingLogger.ts';
import { ManualClock } from '../venue/manualClock.ts';

const MARKET_TIME = 1_700_000_040_000;

/** An engine on a memory log, without a venue: effects are kept instead of run, in the order things happened. */
export class EngineWorld {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  /** What became visible outside, oldest first: `commit`, `frames <deskId>`, `effect <type>`, `answer <name>`. */
  readonly happened: string[] = [];
  readonly published: BusMessage[] = [];
  readonly effects: { deskId: string; effect: Effect }[] = [];
  readonly faults: AppendFaults = {};
  readonly log: MemoryDeskLog;
  readonly context: Context;
  leaseLost = 0;
  /** Of what `npm run panic` did: nobody has. */
  pendingPanics: () => Promise<PendingPanic[]> = async () => [];
  #kernel: Kernel;

  constructor(readonly store = new MemoryStore('epoch-1')) {
    store.leases.set(ONLY_SHARD, { owner: 'test', token: 1n, expiresAt: Number.MAX_SAFE_INTEGER });
    const faults = this.faults;
    this.log = new MemoryDeskLog(store, {
      beforeCommit: (desks) => faults.beforeCommit?.(desks),
      afterCommit: (desks) => {
        this.happened.push('commit');
        return faults.afterCommit?.(desks);
      },
    });
    const { clock } = this;
    this.context = {
      epoch: store.epoch,
      settings: DEFAULT_ENGINE_SETTINGS,
      get wallTime() {
        return clock.now();
      },
      marketTime: () => MARKET_TIME,
      venue: () => venueFacts(),
      instrument: (_venue, symbol) => sampleInstrument(symbol),
      quote: () => undefined,
      lastQuote: () => undefined,
      series: () => undefined,
      strategy: () => undefined,
      strategyIds: () => [],
    };
    this.#kernel = this.#start();
  }

  get engine(): Engine {
    return this.#kernel.engine;
  }

  get commands(): EngineCommands {
    return this.#kernel.commands;
  }

  accountKeys(keys: VenueKeys): KeyCommands {
    return this.#kernel.accountKeys(keys);
  }

  get queries(): EngineQueries {
    return this.#kernel.queries;
  }

  get admin(): EngineAdminDesks {
    return this.#kernel.admin;
  }

  /** A process of its own on the same log: what the former one had in memory is gone. */
  restart(): void {
    void this.engine.stop();
    this.#kernel = this.#start();
  }

  #start(): Kernel {
    const { clock, logger, log, store } = this;
    const kernel = createKernel(
      {
        ...{ clock, steady: clock, logger, log, feeds: [], venues: [] },
        lease: soleLease(log, { shard: ONLY_SHARD, token: 1n }),
        publisher: {
          isConnected: true,
          publish: (message) => {
            this.published.push(message);
            if (message.type === 'frames') this.happened.push(`frames ${message.deskId}`);
          },
        },
        panics: { pending: () => this.pendingPanics(), consumed: async () => {} },
      },
      { epoch: store.epoch, engine: DEFAULT_ENGINE_SETTINGS, lockStep: false, firstVenue: 'sim' },
      {
        context: () => this.context,
        effects: () => ({
          run: (deskId, effect) => {
            this.effects.push({ deskId, effect });
            this.happened.push(`effect ${effect.type}`);
          },
          isIdle: () => true,
          isBusy: () => false,
          lookAt: async () => undefined,
          settled: async () => {},
        }),
      },
    );
    void kernel.lease.acquire(() => {
      this.leaseLost += 1;
    });
    kernel.takeCommands();
    return kernel;
  }

  command(
    deskId: string,
    op: CommandEnvelope['op'],
    args: unknown,
    rest: Partial<CommandEnvelope> = {},
  ): Promise<CommandReply> {
    const actor: Actor = { kind: 'user', userId: deskId, deviceId: 'device' };
    const commandId = rest.commandId ?? `${op}-${JSON.stringify(args)}`;
    const envelope = {
      op,
      args,
      commandId,
      expectedVersion: null,
      validUntil: null,
      actor,
      receivedAt: this.clock.now(),
    };
    return this.commands.execute(deskId, { ...envelope, ...rest }).then((reply) => {
      this.happened.push(`answer ${commandId}`);
      return reply;
    });
  }

  /** A command that only changes the log: a second account. */
  createAccount(deskId: string, name: string, rest: Partial<CommandEnvelope> = {}): Promise<CommandReply> {
    const args = { name, venue: 'sim', leverage: 1, marginMode: 'isolated' };
    return this.command(deskId, 'accounts.create', args, rest);
  }

  head(deskId: string): number {
    return this.store.desks.get(deskId)?.events.length ?? 0;
  }
}
