import { steadyClock } from '../adapters/clock/steadyClock.ts';
import type { AccountPush } from '../adapters/simulated/account/state.ts';
import { type BarArrived, inputsNow, noteAsked } from '../core/bot/barsDue.ts';
import { GivenBars } from '../core/bot/givenBars.ts';
import type { Context } from '../core/context.ts';
import { type Decision, decide } from '../core/decide.ts';
import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import { withdrawn, withdrawnAtRest } from '../core/withdrawn.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskBatch } from '../runtime/batch.ts';
import type { DeskRecord, PendingCommand } from '../runtime/deskRecord.ts';
import { replyTo } from '../runtime/replyTo.ts';
import { AppenderModel } from './appenderModel.ts';
import { InvariantBroken } from './broken.ts';
import { CommandsModel, refusal } from './commandsModel.ts';
import { EffectsModel } from './effectsModel.ts';
import { AskedBars, checkBar } from './invariants/bars.ts';
import { checkCancels, checkDecision } from './invariants/decision.ts';
import { SYMBOLS } from './market.ts';
import { ProcessLease } from './processLease.ts';
import { inputOf } from './pushInput.ts';
import { RestorerModel } from './restorerModel.ts';
import { RoundsModel } from './roundsModel.ts';
import { contextOf } from './simContext.ts';
import type { SimProcess } from './simProcess.ts';
import type { World } from './world.ts';

const TICK_EVERY_MS = 1_000;
const RENEW_EVERY_MS = 3_000;
/** Until the lease is let go at last, world ms. */
const RETRY_MS = 250;

/**
 * One life of the server: waits for the lease, takes the desks over, decides, commits, acts. It may sleep (SIGSTOP) and
 * wake later with everything that was on its way to it; when it dies, all it had in memory is gone with it.
 */
export class EngineProcess implements SimProcess {
  isAlive = true;
  /** It has taken the desks over: whether it still has them is another matter. */
  isServing = false;
  readonly name: string;
  readonly #records = new Map<string, DeskRecord>();
  readonly lease: ProcessLease;
  readonly effects: EffectsModel;
  readonly commands: CommandsModel;
  readonly context: Context;
  /** As the server's: wall time of its start and what has passed since. */
  readonly clock: Clock;
  readonly #appender: AppenderModel;
  readonly #restorer: RestorerModel;
  readonly #world: World;
  readonly #rounds = new RoundsModel(this);
  readonly #asked = new AskedBars();
  #pausedUntil = 0;
  #deferred: (() => void)[] = [];
  #databaseCutUntil = 0;
  /** Takes no more inputs; lets the lease go once all it took is committed. */
  #isStopping = false;

  constructor(world: World, name: string, owner: string) {
    this.#world = world;
    this.name = name;
    this.lease = new ProcessLease(world, owner);
    this.effects = new EffectsModel(world, this);
    this.commands = new CommandsModel(world, this);
    this.clock = steadyClock({
      now: () => world.wallTime,
      elapsed: () => world.now,
      after: () => () => {},
      soon: () => {},
    });
    this.context = contextOf(world, this.effects, this.clock);
    this.#appender = new AppenderModel(world, this);
    this.#restorer = new RestorerModel(world, this, (deskId) => this.#appender.isCommitting(deskId));
  }

  get isIdle(): boolean {
    return this.#appender.isIdle && this.effects.isIdle && this.#deferred.length === 0;
  }

  /** Nothing that it decided is on its way to the log. */
  get isCommitted(): boolean {
    return this.#appender.isIdle;
  }

  get leaseToken(): number {
    return this.lease.token;
  }

  get isPaused(): boolean {
    return this.#world.now < this.#pausedUntil;
  }

  get isDatabaseCut(): boolean {
    return this.#world.now < this.#databaseCutUntil;
  }

  /** Nobody has taken the desks over from it. */
  get isCurrent(): boolean {
    return this.isAlive && this.isServing && this.#world.leases.isCurrent(this.lease.token);
  }

  records(): Iterable<DeskRecord> {
    return this.#records.values();
  }

  /** Waits for the lease and takes over what the log has. */
  start(): void {
    const { leases, now, random } = this.#world;
    if (!this.isDatabaseCut && this.lease.acquire()) this.#takeOver();
    else
      this.later(Math.max(0, leases.expiresAt - now) + random.between(1, 250), () => {
        this.start();
      });
  }

  /** Runs what reaches the process: at once, or when it wakes; never once it is dead. */
  wake(run: () => void): void {
    if (!this.isAlive) return;
    if (this.isPaused || this.#deferred.length > 0) this.#deferred.push(run);
    else run();
  }

  later(delayMs: number, run: () => void): void {
    this.#world.after(delayMs, () => this.wake(run));
  }

  /** As SIGSTOP and SIGCONT: what happens to it meanwhile it learns afterwards, in order. */
  pause(durationMs: number): void {
    const { trace } = this.#world;
    trace?.(`${this.name} sleeps for ${durationMs} ms`);
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.now + durationMs);
    this.#world.after(durationMs, () => this.#resume());
  }

  /** The database is out of its reach: it cannot commit, nor renew its lease; the venue it reaches. */
  cutDatabase(durationMs: number): void {
    this.#databaseCutUntil = Math.max(this.#databaseCutUntil, this.#world.now + durationMs);
  }

  /** Ends in good order: others take over at once. */
  stop(): void {
    if (!this.isServing || this.#isStopping) return;
    this.#isStopping = true;
    this.drained();
  }

  /** All that was decided is durable, or given up. */
  drained(): void {
    if (!this.#isStopping || !this.isAlive || !this.#appender.isIdle) return;
    if (this.isDatabaseCut) {
      this.later(RETRY_MS, () => this.drained());
      return;
    }
    this.lease.release();
    this.isAlive = false;
    this.#world.coverage.count('met:hand-over');
    this.#world.restart(this, this.#world.random.between(500, 5_000));
  }

  /** Another process writes these desks now: this one ends. */
  lost(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#world.coverage.count('met:stale owner ended');
    this.#world.restart(this, this.#world.random.between(500, 5_000));
  }

  /** A new user. */
  open(deskId: string, deposit: string): void {
    this.load(deskId);
    this.submit(deskId, { type: 'OpenDesk', venue: this.#world.setup.venue, deposit });
  }

  /** `atCommit`: the batch in flight reaches the log, or not; nobody here will know. */
  die(atCommit: 'written' | 'lost'): void {
    this.#appender.die(atCommit);
    this.isAlive = false;
  }

  submit(deskId: string, input: Input | BarArrived, command: PendingCommand | null = null): void {
    const record = this.#records.get(deskId);
    const isServed = this.isAlive && !this.#isStopping;
    if (!isServed || record === undefined || !this.#restorer.takes(record, input, command)) {
      command?.answer(refusal('unavailable'));
      return;
    }
    const { due = (real, ...args) => real(...args) } = this.#world.sabotage;
    for (const one of due(inputsNow, record.desk, record.given, this.context, input)) {
      // What came before may have ended it.
      if (!this.isAlive || record.state === 'reloading') return;
      if (one.type === 'BarArrived') this.later(0, () => this.submit(deskId, one));
      else this.#decide(record, one, command);
    }
  }

  #decide(record: DeskRecord, input: Input, command: PendingCommand | null): void {
    const { deskId } = record;
    if (input.type === 'BarClosed' && this.isCurrent)
      checkBar(this.#world, record, this.context, this.#asked, input);
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
    if (this.#world.failsToDecide(record, input)) {
      this.#restorer.failed(record, input, [command, ...this.#appender.discard(deskId)]);
      return;
    }
    this.#world.decided(deskId, input, decision);
    if (this.isCurrent) checkDecision(this.#world, record.desk, this.context, input, decision);
    checkCancels(record.desk, input, decision);
    if (input.type === 'BarClosed') noteAsked(record.desk, record.given, input, record.committedSeq);
    const reply = command === null ? null : replyTo(decision, record.desk.seq);
    this.#appender.add(record, decision.events, decision.effects, command, reply);
  }

  /** What to decide instead of a write that something speaks against by now; null: it may leave. */
  withdrawn(deskId: string, effect: Effect): Input | null {
    if (this.#world.sabotage.sendsWithdrawn === true) return null;
    const record = this.#records.get(deskId);
    const atRest = record?.state === 'ready' ? null : withdrawnAtRest(effect, this.context);
    if (atRest !== null || (record?.state !== 'ready' && record?.state !== 'stuck')) return atRest;
    return withdrawn(record.desk, effect, this.context);
  }

  /** An effect is due: what was latched since it was decided does not leave. */
  runEffect(record: DeskRecord, effect: Effect): void {
    const instead = this.withdrawn(record.deskId, effect);
    if (instead === null) this.effects.run(record.deskId, effect);
    else this.submit(record.deskId, instead);
  }

  /** The log did not take it: its desk goes back to what is durable, and asks the venue what is true. */
  discarded(record: DeskRecord, replies: DeskBatch['replies']): void {
    for (const { answer } of replies) answer(refusal('unavailable'));
    this.#restorer.reload(record);
  }

  onPush(push: AccountPush): void {
    const deskId = this.#deskOf(push.accountId);
    const input = deskId === undefined ? null : inputOf(this.#world, push);
    if (deskId !== undefined && input !== null) this.submit(deskId, input);
  }

  onStream(isBack: boolean): void {
    const reason = isBack ? 'the stream is back; comparing' : 'the connection to the venue broke';
    for (const { deskId, desk } of this.#records.values()) {
      for (const accountId of [...desk.accounts.keys()])
        this.submit(deskId, { type: 'StreamInterrupted', accountId, reason });
    }
  }

  onPrices(): void {
    const { venue } = this.#world.setup;
    for (const symbol of SYMBOLS) this.#toAll({ type: 'PriceMoved', venue, symbol });
  }

  onBar(openTime: number): void {
    const { venue } = this.#world.setup;
    for (const symbol of SYMBOLS)
      this.#toAll({ type: 'BarArrived', venue, symbol, interval: '1m', openTime });
  }

  #toAll(input: Input | BarArrived): void {
    // One waiting price says it all.
    if (input.type === 'PriceMoved' && this.isPaused) return;
    for (const deskId of [...this.#records.keys()]) this.submit(deskId, input);
  }

  #resume(): void {
    if (!this.isAlive || this.isPaused) return;
    this.#world.trace?.(`${this.name} wakes`);
    for (;;) {
      const run = this.#deferred.shift();
      if (run === undefined || !this.isAlive) return;
      run();
      if (this.isPaused) return;
    }
  }

  #takeOver(): void {
    const { log, random, coverage } = this.#world;
    this.isServing = true;
    this.#world.tookOver(this);
    this.#every(RENEW_EVERY_MS, () => this.#renew());
    if (this.#world.hit('crash_in_takeover')) {
      this.#world.crash(this, 'lost');
      return;
    }
    const openDesks = log.deskIds().filter((deskId) => this.#recover(deskId) > 0);
    if (openDesks.length > 0) coverage.count('met:restart with open positions');
    this.#every(TICK_EVERY_MS, () => this.#rounds.tick());
    this.#every(this.context.settings.reconcileEveryMs, () => this.#rounds.compare());
    if (!this.#world.hit('crash_in_recovery')) return;
    this.later(random.between(0, 200), () =>
      this.#world.crash(this, random.chance(0.5) ? 'written' : 'lost'),
    );
  }

  /** The open positions it found. */
  #recover(deskId: string): number {
    const { lastEventAt, open } = this.load(deskId);
    const downMs = lastEventAt === null ? 0 : Math.abs(this.#world.wallTime - lastEventAt);
    this.submit(deskId, { type: 'Recovered', downMs, latch: null });
    return open;
  }

  #renew(): void {
    if (!this.isDatabaseCut && !this.lease.renew()) this.lost();
  }

  /** Reads the desk from the log. */
  load(deskId: string): { lastEventAt: number | null; open: number } {
    const { desk, view, snapshotSeq, lastEventAt } = this.#world.log.load(deskId);
    const known = this.#records.get(deskId) ?? newRecord(deskId);
    const fresh = { desk, view, snapshotSeq, committedSeq: desk.seq, state: 'ready' as const };
    known.given.rewind(desk.seq);
    this.#asked.forget(desk);
    for (const { account } of desk.accounts.values())
      this.#world.history.statuses.set(account.accountId, account.status);
    this.#records.set(deskId, Object.assign(known, fresh));
    return { lastEventAt, open: desk.positions.size };
  }

  #deskOf(accountId: string): string | undefined {
    for (const { deskId, desk } of this.#records.values()) if (desk.accounts.has(accountId)) return deskId;
    return undefined;
  }

  #every(delayMs: number, run: () => void): void {
    this.later(delayMs, () => {
      run();
      if (this.isAlive && !this.#isStopping) this.#every(delayMs, run);
    });
  }
}

const NEW = { failures: 0, storedAccounts: null, usedAt: 0 };
const newRecord = (deskId: string) => ({ ...NEW, deskId, given: new GivenBars(), botLogs: new Map() });
