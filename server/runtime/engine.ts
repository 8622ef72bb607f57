import type { LatchReason } from '../../shared/domain/accountStatus.ts';
import { unavailable, wireError } from '../../shared/protocol/errors.ts';
import { type BarArrived, type inputsNow, noteAsked, seriesKey } from '../core/bot/barsDue.ts';
import type { Context } from '../core/context.ts';
import type { Decision, decide } from '../core/decide.ts';
import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import { type withdrawn, withdrawnAtRest } from '../core/withdrawn.ts';
import type { Clock } from '../ports/clock.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { DeskLog, LeaseProof } from '../ports/deskLog.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import type { Logger } from '../ports/logger.ts';
import type { PanicJournals, PendingPanic } from '../ports/panicJournals.ts';
import { Appender } from './appender.ts';
import type { DeskBatch } from './batch.ts';
import { DeskFailures, type RecoveryPauses } from './deskFailures.ts';
import { changesInterest, DeskIndex } from './deskIndex.ts';
import { type DeskRecord, newRecord, type PendingCommand, type Queued, sinceLoaded } from './deskRecord.ts';
import { DeskRestorer } from './deskRestorer.ts';
import { DeskTroubles } from './deskTroubles.ts';
import { FoundPanics } from './foundPanics.ts';
import { Inbox } from './inbox.ts';
import { type LoadedDesk, loadDesk, loadDesks } from './loadDesk.ts';
import { needsNoRecovery } from './needsNoRecovery.ts';
import { notServed, replyTo } from './replyTo.ts';
import { awayReply, type StoreHealth } from './storeHealth.ts';

/** Batches of one desk that may fail alone before the desk is halted. */
const FAILURES_BEFORE_HALT = 3;

export interface EngineOptions {
  log: DeskLog;
  context: Context;
  /** The core's, or a mutant's. */
  decide: typeof decide;
  due: typeof inputsNow;
  withdrawn: typeof withdrawn;
  epoch: string;
  /** Undefined: as ever. */
  snapshotEveryEvents: number | undefined;
  recoveryPauses: RecoveryPauses | undefined;
  clock: Clock;
  logger: Logger;
  publisher: EventPublisher;
  lease(): LeaseProof;
  /** Runs an effect once what it follows from is durable. */
  runEffect(deskId: string, effect: Effect): void;
  /** Another process writes these desks now: this one must end. */
  onLeaseLost(): void;
  health: StoreHealth;
  /** Rejects while the store cannot be written to. */
  probeStore(): Promise<unknown>;
  /** What `npm run panic` did. Undefined: nobody can have panicked. */
  panics: PanicJournals | undefined;
  /** An input for a desk that is not in memory. */
  onAsleep(queued: Queued): void;
  /** An account was read, or cannot be; null: all of the desk are asked for anew. */
  onCompared(deskId: string, accountId: string | null): void;
}

/** The inbox of all desks of this process: one input after the other, then commit, then act. */
export class Engine {
  readonly index = new DeskIndex();
  readonly health: StoreHealth;
  readonly #options: EngineOptions;
  readonly #records = new Map<string, DeskRecord>();
  readonly #appender: Appender;
  readonly #inbox: Inbox;
  readonly #restorer: DeskRestorer;
  readonly #failures: DeskFailures;
  /** Desks that cannot be served as they should. */
  readonly troubles: DeskTroubles;
  readonly panics: FoundPanics;
  /** Decided so far. */
  decisions = 0;
  /** Grows whenever an account came, went or was renamed, and that is stored. */
  accountsVersion = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#failures = new DeskFailures(options.clock, options.recoveryPauses);
    this.troubles = new DeskTroubles(options.clock);
    this.panics = new FoundPanics({
      ...options,
      submit: (deskId, input, command) => this.submit(deskId, input, command),
    });
    this.#inbox = new Inbox({
      clock: options.clock,
      take: (queued) => this.#decide(queued),
      // The batch that results goes out at once if none is in flight.
      onTurnEnded: () => {
        this.#appender.flush();
        this.#checkIdle();
      },
    });
    this.health = options.health;
    this.#appender = new Appender({
      ...options,
      runEffect: (deskId, effect) => this.#runEffect(deskId, effect),
      onDiscarded: (batches, reason) => this.#discarded(batches, reason),
      onAccountsStored: () => {
        this.accountsVersion += 1;
      },
      onStored: () => this.health.worked(),
      onStoreAway: (reason, detail) => {
        this.health.failed(reason, detail);
        // Also when it was away already and only seemed to be back.
        this.#restorer.freeze();
      },
      onDrained: () => this.#checkIdle(),
    });
    this.#restorer = new DeskRestorer({
      ...options,
      health: this.health,
      appender: this.#appender,
      records: this.#records,
      pendingPanics: (desk) => this.panics.pending(desk.accounts.keys()),
      onRestored: (record, downMs, panics) => {
        this.index.update(record.desk);
        this.recover(record.deskId, panics, { downMs, latch: null });
      },
    });
  }

  /** Brings desks into memory, their views included; what the log has of them is all there is. */
  async load(deskIds: readonly string[]): Promise<LoadedDesk[]> {
    const all = await loadDesks(this.#options.log, deskIds, this.#options.epoch);
    for (const loaded of all) this.admit(loaded);
    return all;
  }

  /** A desk as the log has it. */
  read(deskId: string): Promise<LoadedDesk> {
    return loadDesk(this.#options.log, deskId, this.#options.epoch);
  }

  admit(loaded: LoadedDesk): DeskRecord {
    const record = newRecord(loaded, this.#options.clock.elapsed());
    this.#records.set(record.deskId, record);
    this.index.update(record.desk);
    return record;
  }

  /** Lets those of them go of which nothing waits to be decided or stored: the log has all there is. */
  unload(records: readonly DeskRecord[]): void {
    if (records.length === 0) return;
    const waiting = this.#inbox.waiting();
    for (const { deskId, state, desk, committedSeq } of records) {
      if (state !== 'ready' || committedSeq !== desk.seq) continue;
      if (waiting.has(deskId) || this.#appender.holds(deskId)) continue;
      this.#records.delete(deskId);
      this.index.forget(deskId);
      this.#failures.forget(deskId);
    }
  }

  record(deskId: string): DeskRecord | undefined {
    return this.#records.get(deskId);
  }

  /** Desks in memory. */
  get count(): number {
    return this.#records.size;
  }

  records(): Iterable<DeskRecord> {
    return this.#records.values();
  }

  /** Puts an input into the inbox. */
  submit(deskId: string, input: Input | BarArrived, command: PendingCommand | null = null): void {
    this.#inbox.submit(deskId, input, command);
  }

  /** Before all that waits for a desk that was read from the log: what was done past us, then to ask its venues what is true. */
  recover(deskId: string, panics: PendingPanic[], how: { downMs: number; latch: LatchReason | null }): void {
    this.panics.take(deskId, panics);
    this.submit(deskId, { type: 'Recovered', ...how });
  }

  /** Resolves once the inbox is empty and everything decided is committed. */
  settled(): Promise<void> {
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Takes no more inputs; resolves when what was taken is committed. */
  async stop(): Promise<void> {
    const settled = this.settled();
    this.#inbox.close();
    this.#restorer.stop();
    await settled;
  }

  #decide(queued: Queued): void {
    const { deskId, input, command } = queued;
    const record = this.#records.get(deskId);
    if (record === undefined) {
      this.#options.onAsleep(queued);
      return;
    }
    if (!this.#takes(record, input, command)) {
      // A desk being reloaded asks the venue for everything afterwards: what it misses now is found then.
      const { degradation } = this.health;
      command?.answer(
        degradation === null ? { ok: false, error: notServed(record) } : awayReply(degradation),
      );
      return;
    }
    const serverTime = this.#options.clock.now();
    if (command !== null && command.validUntil !== null && command.validUntil < serverTime) {
      const { validUntil } = command;
      const details = { validUntil, serverTime };
      const error = wireError(
        'expired',
        'the command arrived after its validUntil; nothing was done',
        details,
      );
      this.#appender.add(record, [], [], command, { ok: false, error });
      return;
    }
    for (const due of this.#due(record, queued)) {
      if (due.type === 'BarArrived') this.submit(deskId, due);
      else if (!this.#decideOne(record, due, command)) return;
    }
  }

  /** Its bots are asked about no bar while it waits for its recovery: what is due now is due afterwards. */
  #due(record: DeskRecord, { input, command }: Queued): Queued['input'][] {
    if (record.state === 'stuck') return [input];
    try {
      return this.#options.due(record.desk, record.given, this.#options.context, input);
    } catch (error) {
      this.#failed(record, input, command, error);
      return [];
    }
  }

  #takes({ deskId, state }: DeskRecord, input: Queued['input'], command: PendingCommand | null): boolean {
    if (state !== 'stuck') return state === 'ready';
    if (command?.isExit === true) return true;
    return needsNoRecovery(input) && !this.#failures.hasFailed(deskId, input);
  }

  /** False: it failed, and the desk is being read back. */
  #decideOne(record: DeskRecord, input: Input, command: PendingCommand | null): boolean {
    let decision: Decision;
    let reply: CommandReply | null;
    try {
      decision = this.#options.decide(record.desk, sinceLoaded(record, input), this.#options.context);
      // Its sentences are made of what the desk holds: what cannot be said is no decision either.
      reply = command === null ? null : replyTo(decision, record.desk.seq);
      this.decisions += 1;
    } catch (error) {
      this.#failed(record, input, command, error);
      return false;
    }
    const { desk, given, committedSeq } = record;
    if (input.type === 'BarClosed') noteAsked(desk, given, input, committedSeq);
    this.#appender.add(record, decision.events, decision.effects, command, reply);
    if (decision.events.some((event) => changesInterest(event.kind))) this.index.update(desk);
    if (input.type === 'AccountRead' || input.type === 'AccountUnreadable')
      this.#options.onCompared(record.deskId, input.accountId);
    if (input.type === 'Recovered') {
      this.troubles.ended(record.deskId);
      this.#options.onCompared(record.deskId, null);
    }
    return true;
  }

  /** What to decide instead of a write that something speaks against by now; null: it may leave. */
  withdrawn(deskId: string, effect: Effect): Input | null {
    const { context } = this.#options;
    const record = this.#records.get(deskId);
    const atRest = record?.state === 'ready' ? null : withdrawnAtRest(effect, context);
    if (atRest !== null || (record?.state !== 'ready' && record?.state !== 'stuck')) return atRest;
    return this.#options.withdrawn(record.desk, effect, context);
  }

  /** Effects run some time after they were decided: what was given up meanwhile stays here. */
  #runEffect(deskId: string, effect: Effect): void {
    const instead = this.withdrawn(deskId, effect);
    if (instead === null) this.#options.runEffect(deskId, effect);
    else this.submit(deskId, instead);
  }

  /** A bug in a decision: its desk goes back to what is durable; the input is given up, the others go on. */
  #failed(record: DeskRecord, input: Queued['input'], command: PendingCommand | null, error: unknown): void {
    const { logger } = this.#options;
    // Given up like any input: it would fail again.
    if (input.type === 'BarClosed') record.given.giveUp(seriesKey(input), input.openTime);
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    logger.error({ deskId: record.deskId, input: input.type, error: detail }, 'a decision failed');
    command?.answer({
      ok: false,
      error: wireError('internal', 'the engine could not decide this; nothing was done', {}),
    });
    const dropped = this.#appender.discard(record);
    for (const reply of dropped?.replies ?? []) {
      reply.answer({ ok: false, error: unavailable('the desk is being restored; try again') });
    }
    const { deskId } = record;
    const isStuck = record.state === 'stuck';
    const pauseMs = isStuck ? this.#failures.noteStuck(deskId, input) : this.#failures.note(deskId);
    if (pauseMs > 0 && !isStuck) logger.error({ deskId, pauseMs }, 'a desk keeps failing: it is stuck');
    if (pauseMs > 0) this.troubles.began(deskId, 'desk_stuck');
    this.#restorer.reload(record, pauseMs);
  }

  /** The log did not take these batches: their desks go back to what is durable, and ask the venue what is true. */
  #discarded(batches: DeskBatch[], reason: string): void {
    for (const { record, replies } of batches) {
      for (const reply of replies) {
        reply.answer({ ok: false, error: unavailable(`not stored (${reason}); try again`) });
      }
      record.failures += 1;
      if (record.failures > FAILURES_BEFORE_HALT && batches.length === 1) {
        record.state = 'halted';
        this.troubles.began(record.deskId, 'desk_halted');
        this.#options.logger.error({ deskId: record.deskId, reason }, 'a desk fails alone and is halted');
      } else this.#restorer.reload(record);
    }
  }

  /** The inbox is empty and everything decided is committed. */
  isIdle(): boolean {
    return this.#inbox.isEmpty && this.#appender.isIdle();
  }

  #checkIdle(): void {
    if (this.#idleWaiters.length === 0 || !this.isIdle()) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
