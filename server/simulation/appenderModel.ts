import type { Effect } from '../core/effects.ts';
import type { DeskEvent } from '../core/events.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { DeskAppend } from '../ports/deskLog.ts';
import {
  type DeskBatch,
  newDeskBatch,
  type PreparedBatch,
  prepareBatch,
  SNAPSHOT_EVERY_EVENTS,
} from '../runtime/batch.ts';
import type { DeskRecord, PendingCommand } from '../runtime/deskRecord.ts';
import { areAnswersStored, isStored } from '../runtime/isStored.ts';
import { InvariantBroken } from './broken.ts';
import type { EngineProcess } from './engineProcess.ts';
import { EPOCH } from './logModel.ts';
import type { World } from './world.ts';

/** Between attempts to learn what became of a commit whose answer was lost, world ms. */
const HEADS_RETRY_MS = 250;
/** How long a process sleeps so that its lease is over when it wakes, world ms. */
export const BEYOND_LEASE_MS = [10_500, 25_000] as const;

type Outcome = 'committed' | 'lease_lost' | 'failed' | 'unknown';

interface InFlight {
  prepared: PreparedBatch[];
  /** What the database made of it; nobody in the process knows before it is answered. */
  outcome: Outcome;
}

const asIs = (append: DeskAppend): DeskAppend => append;
const appendsOf = ({ prepared }: InFlight): DeskAppend[] => prepared.map(({ append }) => append);

/** Group commit of one process, as the runtime's Appender: one append in flight, then frames, effects and answers. */
export class AppenderModel {
  readonly #process: EngineProcess;
  readonly #world: World;
  #pending = new Map<string, DeskBatch>();
  #inFlight: InFlight | undefined;
  #flushScheduled = false;

  constructor(world: World, process: EngineProcess) {
    this.#world = world;
    this.#process = process;
  }

  get isIdle(): boolean {
    return this.#pending.size === 0 && this.#inFlight === undefined;
  }

  /** What follows from nothing uncommitted runs at once. */
  add(
    record: DeskRecord,
    events: DeskEvent[],
    effects: readonly Effect[],
    command: PendingCommand | null,
    reply: CommandReply | null,
  ): void {
    const { deskId } = record;
    const isClean = !this.#pending.has(deskId) && !this.isCommitting(deskId);
    const actsEarly = this.#world.sabotage.actsEarly === true;
    const isFree = events.length === 0 && command === null && isClean;
    if (isFree || actsEarly) for (const effect of effects) this.#process.runEffect(record, effect);
    if (isFree) return;
    let batch = this.#pending.get(deskId);
    if (batch === undefined) {
      batch = newDeskBatch(record, record.desk.seq - events.length);
      this.#pending.set(deskId, batch);
    }
    batch.events.push(...events);
    if (!actsEarly) batch.effects.push(...effects);
    if (command !== null && reply !== null) {
      if (command.record !== null) batch.commands.push({ ...command.record, reply: JSON.stringify(reply) });
      batch.replies.push({ answer: command.answer, reply });
    }
    this.#scheduleFlush();
  }

  /** The process dies: what the database has not executed yet it may or may not execute. */
  die(atCommit: 'written' | 'lost'): void {
    if (this.#inFlight?.outcome === 'unknown' && atCommit === 'written') this.#write(this.#inFlight);
  }

  get #token(): number {
    return this.#world.sabotage.neverFences === true ? this.#world.leases.token : this.#process.lease.token;
  }

  /** Something of the desk is on its way to the log, and what becomes of it not known. */
  isCommitting(deskId: string): boolean {
    return this.#inFlight?.prepared.some(({ append }) => append.deskId === deskId) === true;
  }

  /** Forgets what a desk has decided and not yet handed to the log; who is to be told. */
  discard(deskId: string): DeskBatch['replies'] {
    const batch = this.#pending.get(deskId);
    this.#pending.delete(deskId);
    return batch?.replies ?? [];
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#inFlight !== undefined) return;
    this.#flushScheduled = true;
    this.#process.later(this.#world.random.between(0, 2), () => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const [world, process] = [this.#world, this.#process];
    if (this.#inFlight !== undefined || this.#pending.size === 0) return;
    const batches = [...this.#pending.values()];
    this.#pending = new Map();
    // Now and then a snapshot rides along early.
    if (world.random.chance(0.01))
      for (const { record } of batches)
        record.snapshotSeq = Math.min(record.snapshotSeq, record.desk.seq - SNAPSHOT_EVERY_EVENTS);
    const { append = asIs, publishesEarly } = world.sabotage;
    const prepared = batches.map((batch) => {
      const right = prepareBatch(batch, EPOCH, world.wallTime);
      return { ...right, append: append(right.append) };
    });
    if (publishesEarly === true)
      for (const { frames, append } of prepared) world.device(append.deskId)?.receive(frames, true);
    const inFlight: InFlight = { prepared, outcome: 'unknown' };
    this.#inFlight = inFlight;
    const failed = world.hit('commit_failed');
    const neverArrived = world.hit('commit_never_arrived');
    const isLate = world.hit('commit_late');
    const answerLost = world.hit('commit_answer_lost');
    const slow = world.hit('commit_slow');
    const crashBefore = world.hit('crash_before_commit');
    const crashWritten = world.hit('crash_commit_answer_lost');
    const { random } = world;
    const [quick, wait, answer] = [random.between(1, 4), random.between(100, 3_000), random.between(0, 3)];
    const cannotArrive = neverArrived || isLate || process.isDatabaseCut;
    // At the database: it works on while the process sleeps.
    world.after(slow ? wait : quick, () => {
      if (!process.isAlive) return;
      if (crashBefore) {
        world.crash(process, 'lost');
        return;
      }
      if (failed) inFlight.outcome = 'failed';
      else if (!cannotArrive) this.#write(inFlight);
      if (crashWritten) {
        world.crash(process, 'lost');
        return;
      }
      const isUnknown = answerLost || inFlight.outcome === 'unknown';
      // An answer that was lost: the heads tell, after a while.
      process.later(isUnknown ? HEADS_RETRY_MS + wait : answer, () => {
        if (isUnknown) this.#readHeads(inFlight, isLate);
        else this.#answered(inFlight);
      });
    });
  }

  /** What the database does with it. */
  #write(inFlight: InFlight): void {
    const written = this.#world.log.append(this.#token, appendsOf(inFlight));
    inFlight.outcome = written.outcome;
    if (written.outcome === 'committed' && !this.#world.leases.isCurrent(this.#process.lease.token))
      throw new InvariantBroken('INV-2', `${this.#process.name} wrote desks that another has taken over`);
    if (written.outcome === 'committed') this.#world.committed(written.appended);
    else this.#world.coverage.count(`met:append ${written.outcome}`);
  }

  #readHeads(inFlight: InFlight, isLate: boolean): void {
    const [world, process] = [this.#world, this.#process];
    if (process.isDatabaseCut) {
      process.later(HEADS_RETRY_MS, () => this.#readHeads(inFlight, isLate));
      return;
    }
    const appends = appendsOf(inFlight);
    const witness = appends.find((append) => append.events.length > 0);
    const commands = appends.flatMap((append) => append.commands);
    const isThere =
      witness !== undefined
        ? isStored(witness, world.log.read(witness.deskId, witness.expectedSeq, witness.events.length))
        : areAnswersStored(
            commands,
            commands.map(({ userId, commandId }) => world.log.command(userId, commandId)),
          );
    inFlight.outcome = isThere ? 'committed' : 'failed';
    if (isLate && !isThere) this.#writeLate(inFlight);
    this.#answered(inFlight);
  }

  /** The database had not got to it when its heads were read. */
  #writeLate(inFlight: InFlight): void {
    const token = this.#token;
    this.#world.after(this.#world.random.between(1, 400), () => {
      const written = this.#world.log.appendLate(token, appendsOf(inFlight));
      if (written.outcome !== 'committed') return;
      this.#world.committed(written.appended);
      for (const { deskId } of written.appended) this.#world.device(deskId)?.resume();
    });
  }

  #answered(inFlight: InFlight): void {
    const [world, process] = [this.#world, this.#process];
    this.#inFlight = undefined;
    const { prepared, outcome } = inFlight;
    if (outcome === 'lease_lost') {
      process.lost();
      return;
    }
    if (outcome === 'failed') {
      this.#discard(prepared);
      return;
    }
    if (world.hit('crash_after_commit')) {
      world.crash(process, 'lost');
      return;
    }
    for (const { batch, frames, append } of prepared) {
      batch.record.committedSeq = append.expectedSeq + append.events.length;
      if (world.sabotage.publishesEarly !== true)
        world.device(this.#addressee(append.deskId))?.receive(frames, process.isCurrent);
    }
    for (const { batch } of prepared) {
      for (const effect of batch.effects) {
        if (world.hit('crash_between_effects')) {
          world.crash(process, 'lost');
          return;
        }
        if (world.hit('pause_before_send')) process.pause(world.random.between(...BEYOND_LEASE_MS));
        process.wake(() => process.runEffect(batch.record, effect));
      }
      for (const { answer, reply } of batch.replies) process.wake(() => answer(reply));
    }
    if (this.#pending.size > 0) this.#scheduleFlush();
    process.drained();
  }

  /** Whose device is sent the frames of a desk: its own. */
  #addressee(deskId: string): string {
    const { sabotage, log } = this.#world;
    if (sabotage.misdelivers !== true) return deskId;
    return log.deskIds().find((other) => other !== deskId) ?? deskId;
  }

  /** Nothing of it is durable, nor what was decided on top: back to what is, and ask the venue. */
  #discard(prepared: readonly PreparedBatch[]): void {
    for (const { batch } of prepared) {
      const later = this.discard(batch.record.deskId);
      this.#process.discarded(batch.record, [...batch.replies, ...later]);
    }
    if (this.#pending.size > 0) this.#scheduleFlush();
    this.#process.drained();
  }
}
