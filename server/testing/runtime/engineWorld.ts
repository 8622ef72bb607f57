import type { Actor } from '../../../shared/domain/actor.ts';
import { type AppendFaults, MemoryDeskLog } from '../../adapters/memory/deskLog.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import { type Context, DEFAULT_ENGINE_SETTINGS } from '../../core/context.ts';
import type { Effect } from '../../core/effects.ts';
import type { CommandEnvelope, CommandReply } from '../../ports/deskGateway.ts';
import type { BusMessage } from '../../ports/eventBus.ts';
import type { PendingPanic } from '../../ports/panicJournals.ts';
import { EngineCommands } from '../../runtime/deskCommands.ts';
import { Engine } from '../../runtime/engine.ts';
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
  token = 1n;
  leaseLost = 0;
  /** Of what `npm run panic` did: nobody has. */
  pendingPanics: () => Promise<PendingPanic[]> = async () => [];
  engine: Engine;
  commands: EngineCommands;

  constructor(readonly store = new MemoryStore('epoch-1')) {
    store.leases.set(0, { owner: 'test', token: 1n, expiresAt: Number.MAX_SAFE_INTEGER });
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
    };
    [this.engine, this.commands] = this.#start();
  }

  /** A process of its own on the same log: what the former one had in memory is gone. */
  restart(): void {
    void this.engine.stop();
    [this.engine, this.commands] = this.#start();
  }

  #start(): [Engine, EngineCommands] {
    const engine = new Engine({
      log: this.log,
      context: this.context,
      epoch: this.store.epoch,
      clock: this.clock,
      logger: this.logger,
      publisher: {
        isConnected: true,
        publish: (message) => {
          this.published.push(message);
          if (message.type === 'frames') this.happened.push(`frames ${message.deskId}`);
        },
      },
      lease: () => ({ shard: 0, token: this.token }),
      runEffect: (deskId, effect) => {
        this.effects.push({ deskId, effect });
        this.happened.push(`effect ${effect.type}`);
      },
      onLeaseLost: () => {
        this.leaseLost += 1;
      },
      panics: { pending: () => this.pendingPanics(), consumed: async () => {} },
    });
    return [engine, new EngineCommands({ engine, log: this.log, logger: this.logger, firstVenue: 'sim' })];
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
