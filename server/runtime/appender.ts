import type { DegradationReason } from '../../shared/protocol/serverMessage.ts';
import type { Effect } from '../core/effects.ts';
import type { DeskEvent } from '../core/events.ts';
import type { Clock } from '../ports/clock.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { AppendOutcome, DeskLog, LeaseProof } from '../ports/deskLog.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import type { Logger } from '../ports/logger.ts';
import { type DeskBatch, newDeskBatch, type PreparedBatch, prepareBatch } from './batch.ts';
import type { DeskRecord, PendingCommand } from './deskRecord.ts';
import { areAnswersStored, isStored } from './isStored.ts';
import { STORE_PATIENCE_MS } from './storeHealth.ts';

/** Between attempts to learn what became of a commit whose answer was lost, wall ms. */
const HEADS_RETRY_MS = 250;
/** The heads cannot be read for this long: the store is away, and not just restarting, wall ms. */
const HEADS_GRACE_MS = 1_000;

export interface AppenderOptions {
  log: DeskLog;
  epoch: string;
  /** Undefined: as ever. */
  snapshotEveryEvents: number | undefined;
  clock: Clock;
  logger: Logger;
  publisher: EventPublisher;
  lease(): LeaseProof;
  runEffect(deskId: string, effect: Effect): void;
  onLeaseLost(): void;
  /** Nothing of these batches, nor of what was decided on top of them, is durable. */
  onDiscarded(batches: DeskBatch[], reason: string): void;
  /** The accounts of a desk are others, or have other names. */
  onAccountsStored(): void;
  /** Something was stored: the store is there. */
  onStored(): void;
  /** The store takes nothing now: `giveUp` follows. */
  onStoreAway(reason: DegradationReason, detail: string): void;
  onDrained(): void;
}

type KnownOutcome = Exclude<AppendOutcome, { outcome: 'unknown' }>;

/**
 * Group commit: one append in flight; what is decided meanwhile is the next. Only when a batch is durable are its
 * frames published, its effects run and its commands answered, in this order.
 */
export class Appender {
  readonly #options: AppenderOptions;
  #pending = new Map<string, DeskBatch>();
  #inFlight: Map<string, DeskBatch> | undefined;
  /** Nobody waits for what is in flight any more: whatever becomes of it, its desks are read back. */
  #isGivenUp = false;
  #releaseWaiters: { resolve(): void }[] = [];

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  isIdle(): boolean {
    return this.#pending.size === 0 && (this.#inFlight === undefined || this.#isGivenUp);
  }

  /**
   * The store is away. What was not handed to it is forgotten. What was is waited for, but none of its effects run and
   * nobody hears of it: minutes later an entry would be another one. Everyone who waits is answered now.
   */
  giveUp(lost: CommandReply, unknown: CommandReply): void {
    answerAll(this.#pending.values(), lost);
    this.#pending.clear();
    if (this.#inFlight === undefined || this.#isGivenUp) return;
    this.#isGivenUp = true;
    answerAll(this.#inFlight.values(), unknown);
    this.#options.onDrained();
  }

  /** Resolves when nothing is being committed. */
  async free(): Promise<void> {
    while (this.#inFlight !== undefined) {
      await new Promise<void>((resolve) => this.#releaseWaiters.push({ resolve }));
    }
  }

  /** Resolves when nothing of the desk is being committed. */
  released(deskId: string): Promise<void> {
    if (this.#inFlight?.has(deskId) !== true) return Promise.resolve();
    return new Promise((resolve) => this.#releaseWaiters.push({ resolve }));
  }

  /** Whether anything of the desk waits to be stored, or is on its way. */
  holds(deskId: string): boolean {
    return this.#pending.has(deskId) || this.#inFlight?.has(deskId) === true;
  }

  /** Adds a decision of a desk to its next batch. Effects that follow from nothing uncommitted run at once. */
  add(
    record: DeskRecord,
    events: DeskEvent[],
    effects: Effect[],
    command: PendingCommand | null,
    reply: CommandReply | null,
  ): void {
    const { deskId } = record;
    const isClean = !this.holds(deskId);
    // Nothing to be stored, not even an answer.
    if (events.length === 0 && (command === null || command.record === null) && isClean) {
      for (const effect of effects) this.#options.runEffect(deskId, effect);
      if (reply !== null) command?.answer(reply);
      return;
    }
    let batch = this.#pending.get(deskId);
    if (batch === undefined) {
      batch = newDeskBatch(record, record.desk.seq - events.length);
      this.#pending.set(deskId, batch);
    }
    batch.events.push(...events);
    batch.effects.push(...effects);
    if (command !== null && reply !== null) {
      if (command.record !== null) batch.commands.push({ ...command.record, reply: JSON.stringify(reply) });
      batch.replies.push({ answer: command.answer, reply });
    }
  }

  /** Forgets what a desk has decided and not yet handed to the log. */
  discard(record: DeskRecord): DeskBatch | undefined {
    const batch = this.#pending.get(record.deskId);
    this.#pending.delete(record.deskId);
    return batch;
  }

  flush(): void {
    if (this.#inFlight !== undefined || this.#pending.size === 0) return;
    this.#inFlight = this.#pending;
    this.#pending = new Map();
    const { clock, epoch, snapshotEveryEvents } = this.#options;
    const ts = clock.now();
    const prepared = [...this.#inFlight.values()].map((batch) =>
      prepareBatch(batch, epoch, ts, snapshotEveryEvents),
    );
    void this.#append(prepared);
  }

  /** What cannot be stored costs its own desk: a refused append is tried again by halves, until it is known whose it is. */
  async #append(prepared: PreparedBatch[]): Promise<void> {
    const parts = [prepared];
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const outcome = await this.#stored(part);
      const isRefused = outcome.outcome === 'conflict' || (outcome.outcome === 'failed' && !outcome.away);
      if (isRefused && !this.#isGivenUp && part.length > 1) {
        const half = Math.ceil(part.length / 2);
        parts.unshift(part.slice(0, half), part.slice(half));
        continue;
      }
      this.#ended(part, parts, outcome);
    }
    // Only desks of this batch were in flight.
    for (const { resolve } of this.#releaseWaiters.splice(0)) resolve();
    this.flush();
    if (this.isIdle()) this.#options.onDrained();
  }

  /** It is known what became of `part`. Where the others must not be tried any more, `parts` is empty afterwards. */
  #ended(part: PreparedBatch[], parts: PreparedBatch[][], outcome: KnownOutcome): void {
    const wasGivenUp = this.#isGivenUp;
    const isAway = outcome.outcome === 'failed' && outcome.away !== undefined;
    const untried = wasGivenUp || isAway || outcome.outcome === 'lease_lost' ? parts.splice(0).flat() : [];
    for (const { batch } of part) this.#inFlight?.delete(batch.record.deskId);
    if (parts.length === 0) {
      this.#inFlight = undefined;
      this.#isGivenUp = false;
    }
    if (outcome.outcome === 'lease_lost') this.#options.onLeaseLost();
    else if (wasGivenUp)
      this.#options.logger.info({ outcome: outcome.outcome }, 'what was given up has ended');
    else if (outcome.outcome === 'committed') this.#committed(part);
    else if (outcome.outcome === 'failed' && outcome.away !== undefined) {
      // To be answered with the others that wait.
      for (const { batch } of [...part, ...untried]) this.#putBack(batch);
      this.#options.onStoreAway(`store_${outcome.away}`, outcome.message);
    } else {
      const reason = outcome.outcome === 'conflict' ? `conflict on ${outcome.deskId}` : outcome.message;
      this.#failed(part, reason);
    }
  }

  /** Hands the batches to the log; never throws, and never says `unknown`. */
  async #stored(prepared: PreparedBatch[]): Promise<KnownOutcome> {
    const { log, lease, logger, clock, onStoreAway } = this.#options;
    const cancel = clock.after(STORE_PATIENCE_MS, () =>
      onStoreAway('store_silent', `an append was not answered in ${STORE_PATIENCE_MS} ms`),
    );
    let outcome: AppendOutcome;
    try {
      outcome = await log.append(
        lease(),
        prepared.map((desk) => desk.append),
      );
    } catch (error) {
      outcome = { outcome: 'unknown', message: String(error) };
    }
    if (outcome.outcome === 'unknown') {
      const { message } = outcome;
      logger.warn({ reason: message }, 'the answer to a commit was lost; reading the heads');
      const isCommitted = await this.#wasCommitted(prepared);
      outcome = isCommitted ? { outcome: 'committed' } : { outcome: 'failed', message };
    }
    cancel();
    return outcome;
  }

  /**
   * A commit is whole or not at all: any desk's events tell; without any, all answers. Waits for the database for as long as
   * it takes.
   */
  async #wasCommitted(prepared: PreparedBatch[]): Promise<boolean> {
    const { log, clock, onStoreAway } = this.#options;
    const askedAt = clock.elapsed();
    const witness = prepared.find((desk) => desk.append.events.length > 0)?.append;
    for (;;) {
      try {
        if (witness === undefined) {
          const commands = prepared.flatMap((desk) => desk.append.commands);
          const stored = commands.map(({ userId, commandId }) => log.command(userId, commandId));
          return areAnswersStored(commands, await Promise.all(stored));
        }
        const { deskId, expectedSeq, events } = witness;
        return isStored(witness, await log.read(deskId, expectedSeq, events.length));
      } catch (error) {
        if (clock.elapsed() - askedAt >= HEADS_GRACE_MS) onStoreAway('store_unreachable', String(error));
        await new Promise<void>((resolve) => clock.after(HEADS_RETRY_MS, resolve));
      }
    }
  }

  #committed(prepared: PreparedBatch[]): void {
    const { publisher, clock, runEffect } = this.#options;
    const committedAt = clock.now();
    this.#options.onStored();
    for (const { batch, frames, append } of prepared) {
      const { record } = batch;
      record.committedSeq = append.expectedSeq + append.events.length;
      record.failures = 0;
      record.usedAt = clock.elapsed();
      if (append.accounts !== undefined) this.#options.onAccountsStored();
      if (frames.length > 0)
        publisher.publish({ type: 'frames', deskId: record.deskId, frames, times: { committedAt } });
    }
    for (const { batch } of prepared) {
      for (const effect of batch.effects) runEffect(batch.record.deskId, effect);
      for (const { answer, reply } of batch.replies) answer(reply);
    }
  }

  /** Nothing of it was stored: it joins what waits, for its callers to be told. */
  #putBack(batch: DeskBatch): void {
    const later = this.#pending.get(batch.record.deskId);
    if (later !== undefined) batch.replies.push(...later.replies);
    this.#pending.set(batch.record.deskId, batch);
  }

  #failed(prepared: PreparedBatch[], reason: string): void {
    const batches = prepared.map((desk) => desk.batch);
    const desks = batches.map(({ record }) => record.deskId);
    this.#options.logger.error({ reason, desks }, 'a batch was not stored');
    for (const { record, replies } of batches) {
      // Decided on top of what is lost.
      const later = this.discard(record);
      if (later !== undefined) replies.push(...later.replies);
    }
    this.#options.onDiscarded(batches, reason);
  }
}

function answerAll(batches: Iterable<DeskBatch>, answer: CommandReply): void {
  for (const { replies } of batches) for (const reply of replies) reply.answer(answer);
}
