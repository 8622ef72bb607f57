import type { AccountPush } from '../adapters/simulated/account/state.ts';
import type { Context } from '../core/context.ts';
import { type Decision, decide } from '../core/decide.ts';
import { openOrders } from '../core/desk.ts';
import type { Effect } from '../core/effects.ts';
import type { DeskEvent } from '../core/events.ts';
import type { Input } from '../core/inputs.ts';
import { withdrawn } from '../core/order/withdrawn.ts';
import { needsWatching } from '../core/watch.ts';
import {
  type DeskBatch,
  newDeskBatch,
  type PreparedBatch,
  prepareBatch,
  SNAPSHOT_EVERY_EVENTS,
} from '../runtime/batch.ts';
import type { DeskRecord } from '../runtime/deskRecord.ts';
import { InvariantBroken } from './broken.ts';
import { EffectsModel } from './effectsModel.ts';
import { checkCancels, checkDecision } from './invariants/decision.ts';
import { EPOCH } from './logModel.ts';
import { contextOf } from './simContext.ts';
import type { World } from './world.ts';

const TICK_EVERY_MS = 1_000;

const asPrepared = (prepared: PreparedBatch): PreparedBatch => prepared;

/** One life of the server: decides, commits, acts. When it dies, all it had in memory is gone with it. */
export class EngineProcess {
  isAlive = true;
  readonly records = new Map<string, DeskRecord>();
  readonly effects: EffectsModel;
  readonly context: Context;
  readonly #world: World;
  #pending = new Map<string, DeskBatch>();
  #inFlight: { prepared: PreparedBatch[]; isWritten: boolean } | undefined;
  #flushScheduled = false;

  constructor(world: World) {
    this.#world = world;
    this.effects = new EffectsModel(
      world,
      () => this.isAlive,
      (deskId, input) => this.submit(deskId, input),
    );
    this.context = contextOf(world, this.effects);
    this.#every(TICK_EVERY_MS, () => this.#tick());
    this.#every(this.context.settings.reconcileEveryMs, () => this.#reconcileAll());
  }

  get isIdle(): boolean {
    return this.#pending.size === 0 && this.#inFlight === undefined && this.effects.isIdle;
  }

  /** Takes over what the log has. */
  start(): void {
    const { log } = this.#world;
    for (const deskId of log.deskIds()) {
      const { lastEventAt } = this.#load(deskId);
      const downMs = lastEventAt === null ? 0 : Math.max(0, this.#world.wallTime - lastEventAt);
      this.submit(deskId, { type: 'Recovered', downMs, latch: null });
    }
  }

  /** A new user. */
  open(deskId: string, deposit: string): void {
    this.#load(deskId);
    this.submit(deskId, { type: 'OpenDesk', venue: this.#world.setup.venue, deposit });
  }

  /** `atCommit`: the batch in flight reaches the log, or not; nobody here will know. */
  die(atCommit: 'written' | 'lost'): void {
    if (this.#inFlight !== undefined && !this.#inFlight.isWritten && atCommit === 'written') this.#write();
    this.isAlive = false;
  }

  submit(deskId: string, input: Input): void {
    const record = this.records.get(deskId);
    if (!this.isAlive || record?.state !== 'ready') return;
    let decision: Decision;
    try {
      const core = this.#world.sabotage.decide;
      decision =
        core === undefined
          ? decide(record.desk, input, this.context)
          : core(decide, record.desk, input, this.context);
    } catch (error) {
      if (error instanceof InvariantBroken) throw error;
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new InvariantBroken('DECIDE', `a decision on ${input.type} failed: ${stack}`);
    }
    this.#world.decided(deskId, input, decision);
    checkDecision(this.#world, record.desk, this.context, decision.events);
    checkCancels(record.desk, decision.effects);
    const effects = this.#world.sabotage.effects?.(decision.effects, record.desk) ?? decision.effects;
    this.#add(record, decision.events, effects, input.type === 'Command');
  }

  onPush(push: AccountPush): void {
    const { accountId } = push;
    const deskId = this.#deskOf(accountId);
    if (deskId === undefined) return;
    const ingestedAt = this.#world.wallTime;
    if (push.type === 'fill')
      this.submit(deskId, { type: 'VenueFillSeen', accountId, fill: push.fill, ingestedAt });
    else if (push.type === 'order')
      this.submit(deskId, { type: 'VenueOrderSeen', accountId, order: push.order });
    else if (push.type === 'bill') this.submit(deskId, { type: 'VenueBillSeen', accountId, bill: push.bill });
  }

  onStream(reason: string): void {
    for (const { deskId, desk } of this.records.values()) {
      for (const accountId of [...desk.accounts.keys()])
        this.submit(deskId, { type: 'StreamInterrupted', accountId, reason });
    }
  }

  toAll(input: Input): void {
    for (const deskId of [...this.records.keys()]) this.submit(deskId, input);
  }

  #load(deskId: string): { lastEventAt: number | null } {
    const { desk, view, snapshotSeq, lastEventAt } = this.#world.log.load(deskId);
    const known = this.records.get(deskId);
    const fresh = { desk, view, snapshotSeq, committedSeq: desk.seq, state: 'ready' as const };
    if (known !== undefined) Object.assign(known, fresh);
    else this.records.set(deskId, { deskId, failures: 0, botLogs: new Map(), ...fresh });
    return { lastEventAt };
  }

  #deskOf(accountId: string): string | undefined {
    const isWrong = this.#world.sabotage.misroutes === true;
    for (const { deskId, desk } of this.records.values())
      if (desk.accounts.has(accountId) !== isWrong) return deskId;
    return undefined;
  }

  #every(delayMs: number, run: () => void): void {
    this.#world.after(delayMs, () => {
      if (!this.isAlive) return;
      run();
      this.#every(delayMs, run);
    });
  }

  #tick(): void {
    for (const record of this.records.values())
      if (record.state === 'ready' && needsWatching(record.desk))
        this.submit(record.deskId, { type: 'Tick' });
  }

  #reconcileAll(): void {
    for (const { deskId, desk, state } of this.records.values()) {
      if (state !== 'ready') continue;
      for (const { account, cursor } of desk.accounts.values()) {
        const { accountId, venue } = account;
        const holds = [...desk.positions.values()].some((position) => position.accountId === accountId);
        if (holds || !openOrders(desk, accountId).next().done)
          this.effects.run(deskId, { type: 'ReadAccount', accountId, venue, cursor });
      }
    }
  }

  /** As the runtime's Appender: what follows from nothing uncommitted runs at once. */
  #add(record: DeskRecord, events: DeskEvent[], effects: readonly Effect[], isCommand: boolean): void {
    const { deskId } = record;
    const isClean = !this.#pending.has(deskId) && !this.#isInFlight(deskId);
    const actsEarly = this.#world.sabotage.actsEarly === true;
    const isFree = events.length === 0 && !isCommand && isClean;
    if (isFree || actsEarly) for (const effect of effects) this.#runEffect(record, effect);
    if (isFree) return;
    let batch = this.#pending.get(deskId);
    if (batch === undefined) {
      batch = newDeskBatch(record, record.desk.seq - events.length);
      this.#pending.set(deskId, batch);
    }
    batch.events.push(...events);
    if (!actsEarly) batch.effects.push(...effects);
    this.#scheduleFlush();
  }

  #runEffect(record: DeskRecord, effect: Effect): void {
    const instead = this.#world.sabotage.sendsWithdrawn === true ? null : withdrawn(record.desk, effect);
    if (instead === null) this.effects.run(record.deskId, effect);
    else this.submit(record.deskId, instead);
  }

  #isInFlight(deskId: string): boolean {
    return this.#inFlight?.prepared.some(({ append }) => append.deskId === deskId) === true;
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#inFlight !== undefined) return;
    this.#flushScheduled = true;
    this.#world.after(this.#world.random.between(0, 2), () => {
      this.#flushScheduled = false;
      if (this.isAlive) this.#flush();
    });
  }

  #flush(): void {
    const world = this.#world;
    if (this.#inFlight !== undefined || this.#pending.size === 0) return;
    const batches = [...this.#pending.values()];
    this.#pending = new Map();
    // Now and then a snapshot rides along early.
    if (world.random.chance(0.01))
      for (const { record } of batches)
        record.snapshotSeq = Math.min(record.snapshotSeq, record.desk.seq - SNAPSHOT_EVERY_EVENTS);
    const { append = asPrepared, publishesEarly } = world.sabotage;
    const prepared = batches.map((batch) => append(prepareBatch(batch, EPOCH, world.wallTime)));
    if (publishesEarly === true)
      for (const { frames, append } of prepared) world.device(append.deskId)?.receive(frames);
    this.#inFlight = { prepared, isWritten: false };
    const failed = world.hit('commit_failed');
    const neverArrived = world.hit('commit_never_arrived');
    const answerLost = world.hit('commit_answer_lost');
    const slow = world.hit('commit_slow');
    const crashBefore = world.hit('crash_before_commit');
    const crashWritten = world.hit('crash_commit_answer_lost');
    const [quick, wait, answer] = [
      world.random.between(1, 4),
      world.random.between(100, 3_000),
      world.random.between(0, 3),
    ];
    world.after(slow ? wait : quick, () => {
      if (!this.isAlive) return;
      if (crashBefore) {
        world.crash('lost');
        return;
      }
      if (!failed && !neverArrived) this.#write();
      if (crashWritten) {
        world.crash('lost');
        return;
      }
      // An answer that was lost: the heads tell, after a while.
      world.after(answerLost || neverArrived ? 250 + wait : answer, () => {
        if (this.isAlive) this.#answered();
      });
    });
  }

  #write(): void {
    if (this.#inFlight === undefined) return;
    this.#inFlight.isWritten = true;
    this.#world.committed(this.#world.log.append(this.#inFlight.prepared));
  }

  #answered(): void {
    const world = this.#world;
    const inFlight = this.#inFlight;
    this.#inFlight = undefined;
    if (inFlight === undefined) return;
    if (!inFlight.isWritten) {
      this.#discard(inFlight.prepared);
      return;
    }
    if (world.hit('crash_after_commit')) {
      world.crash('lost');
      return;
    }
    for (const { batch, frames, append } of inFlight.prepared) {
      batch.record.committedSeq = append.expectedSeq + append.events.length;
      if (world.sabotage.publishesEarly !== true) world.device(append.deskId)?.receive(frames);
    }
    for (const { batch } of inFlight.prepared) {
      for (const effect of batch.effects) {
        if (world.hit('crash_between_effects')) {
          world.crash('lost');
          return;
        }
        this.#runEffect(batch.record, effect);
      }
    }
    if (this.#pending.size > 0) this.#scheduleFlush();
  }

  /** Nothing of it is durable, nor what was decided on top: back to what is, and ask the venue. */
  #discard(prepared: readonly PreparedBatch[]): void {
    for (const { batch } of prepared) {
      const { deskId } = batch.record;
      this.#pending.delete(deskId);
      this.#load(deskId);
      this.submit(deskId, { type: 'Recovered', downMs: 0, latch: null });
    }
    if (this.#pending.size > 0) this.#scheduleFlush();
  }
}
