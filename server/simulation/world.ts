import type { Quote } from '../../shared/domain/market.ts';
import type { Profile } from '../adapters/simulated/profiles.ts';
import type { Decision } from '../core/decide.ts';
import type { Input } from '../core/inputs.ts';
import type { DeskRecord } from '../runtime/deskRecord.ts';
import { InvariantBroken } from './broken.ts';
import { type Chance, Coverage, clockAlone, drawPlan, type FaultPlan, lagOften } from './faults.ts';
import { type CommittedHistory, newHistory, noteCommitted, noteRecovery } from './history.ts';
import { drain } from './host/drain.ts';
import { KernelDevice } from './host/kernelDevice.ts';
import { KernelProcess } from './host/kernelProcess.ts';
import { checkCommitted } from './invariants/committed.ts';
import { LeaseModel } from './leaseModel.ts';
import { Line } from './line.ts';
import { type Appended, LogModel } from './logModel.ts';
import { BAR_MS, MARKET_START_MS, SimMarket, STEP_MS, SYMBOLS } from './market.ts';
import { Random } from './random.ts';
import { Readings } from './readings.ts';
import type { Sabotage } from './sabotage.ts';
import { Schedule } from './schedule.ts';
import type { BarNews, SimProcess } from './simProcess.ts';
import { tellingIn } from './telling.ts';
import { describeEvent, describeInput } from './trace.ts';
import { profileOf, type VenueKind } from './venueKinds.ts';
import { VenueModel } from './venueModel.ts';

const WALL_START_MS = 1_800_000_000_000;
/** What each user looks at the desk with. */
const DEVICES = ['phone', 'desktop'] as const;
/** One seed of eight has hardly anything but a wall clock that misbehaves: a mutant meets it within its first seeds. */
const isClockAlone = (seed: number): boolean => seed % 8 === 5;

export interface Setup {
  venue: string;
  profile: Profile;
  /** Market milliseconds per world millisecond. */
  speed: number;
  desks: number;
  /** Server processes that share the desks: one has the lease, the other waits for it. */
  processes: 1 | 2;
}

/** All there is in one run: everything follows from the seed and from which steps are left out. */
export class World {
  readonly setup: Setup;
  readonly plan: FaultPlan;
  readonly coverage = new Coverage();
  readonly market: SimMarket;
  readonly venue: VenueModel;
  readonly line: Line;
  readonly readings = new Readings(this);
  readonly leases = new LeaseModel();
  readonly log = new LogModel(this.leases);
  readonly history: CommittedHistory = newHistory();
  /** Processes that live: some serve, some wait, some sleep. */
  readonly hosts = new Map<string, KernelProcess>();
  /** Nothing, but for mutants. */
  readonly sabotage: Sabotage;
  /** What was found where it could not be thrown: code of the product would have caught it. */
  #broken: InvariantBroken | undefined;
  /** Of the current step. */
  random: Random;
  /** No faults: the quiet phase, or a step that is left out. */
  isCalm = false;
  /** Faults, strikes and commands so far. */
  interventions = 0;
  /** Inputs that changed state, and faults. */
  steps = 0;
  trace: ((line: string) => void) | undefined;
  readonly seed: number;
  readonly #schedule = new Schedule();
  readonly #devices = new Map<string, KernelDevice>();
  #wallOffsetMs = 0;
  /** Of the market's clock, as processes see it, market ms. */
  marketOffsetMs = 0;
  #feedDownUntil = 0;
  readonly #lastQuotes = new Map<string, Quote>();
  /** Open times of bars that the feed could not tell yet. */
  #untold: number[] = [];
  /** Desks of which decisions throw. */
  readonly failing = new Map<string, { isNext: boolean; recoverableAt: number }>();
  #lives = 0;
  #lastOwner: SimProcess | undefined;

  constructor(seed: number, profile: VenueKind, sabotage: Sabotage = {}) {
    this.seed = seed;
    this.sabotage = sabotage;
    this.random = new Random(seed, -2);
    const plan = drawPlan(this.random);
    this.plan = isClockAlone(seed) ? clockAlone(plan) : plan;
    if (profile === 'lagging') lagOften(this.plan);
    this.setup = {
      venue: 'sim',
      profile: profileOf(profile),
      speed: this.random.pick([12, 60]),
      desks: this.random.between(1, 3),
      processes: this.random.chance(0.7) ? 2 : 1,
    };
    this.market = new SimMarket(seed);
    this.market.moveTo(MARKET_START_MS);
    this.market.onChange = () => this.toServing((process) => process.onInstruments());
    this.line = new Line(this);
    this.venue = new VenueModel(this.market, this.setup.profile, tellingIn(this));
    for (const name of ['first', 'second'].slice(0, this.setup.processes)) this.#startProcess(name);
    this.after(STEP_MS / this.setup.speed, () => this.#marketStep());
  }

  /** The one that has the desks and is awake. */
  get process(): KernelProcess | undefined {
    for (const process of this.hosts.values()) if (process.isCurrent && !process.isPaused) return process;
    return undefined;
  }

  get now(): number {
    return this.#schedule.now;
  }

  get wallTime(): number {
    return Math.floor(WALL_START_MS + this.now + this.#wallOffsetMs);
  }

  get feedIsDown(): boolean {
    return this.now < this.#feedDownUntil;
  }

  /** The newest that the feed told. */
  lastQuote(symbol: string): Quote | undefined {
    return this.#lastQuotes.get(symbol);
  }

  at(at: number, run: () => void): void {
    this.#schedule.at(at, run);
  }

  after(delayMs: number, run: () => void): void {
    this.#schedule.after(delayMs, run);
  }

  /** What a process has to do by itself, and cancels by what is returned: no move of the world. */
  timer(delayMs: number, run: () => void): () => void {
    return this.#schedule.timer(delayMs, run);
  }

  runNext(): void {
    this.#schedule.runMove(() => this.settle());
  }

  /** Lets follow what follows from promises that are settled. Throws what was found meanwhile. */
  settle(): void {
    drain();
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** Runs a check amid code of the product; what it finds ends the run after the current move, at the latest. */
  watched<T>(check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (error instanceof InvariantBroken) this.#broken ??= error;
      throw error;
    }
  }

  /** Whether this fault strikes here. Draws in any case, so that leaving a step out changes no other draw. */
  hit(name: Chance): boolean {
    const struck = this.random.chance(this.plan.chances[name]) && !this.isCalm;
    if (!struck) return false;
    this.coverage.count(`fault:${name}`);
    this.interventions += 1;
    this.steps += 1;
    this.trace?.(`fault ${name}`);
    return true;
  }

  /** A new user with a device that shows the desk from the first event on. */
  openDesk(deskId: string): void {
    // A user asks again until there is a desk.
    for (const name of DEVICES) {
      const id = `${deskId} ${name}`;
      if (!this.#devices.has(id))
        this.#devices.set(id, new KernelDevice(this, deskId, () => this.#serving()));
    }
    this.process?.open(deskId);
  }

  /** Whom devices reach: its sleep they do not notice. */
  #serving(): KernelProcess | undefined {
    for (const process of this.hosts.values()) if (process.isCurrent) return process;
    return undefined;
  }

  devices(): Iterable<KernelDevice> {
    return this.#devices.values();
  }

  /** What every process hears that has taken the desks over, also one that has lost them since. */
  toServing(run: (process: KernelProcess) => void): void {
    for (const process of this.hosts.values()) if (process.isServing) process.wake(() => run(process));
  }

  crash(process: SimProcess, atCommit: 'written' | 'lost'): void {
    if (!process.isAlive) return;
    process.die(atCommit);
    const downMs = this.random.weighted([
      [this.random.between(1, 3_000), 6],
      [this.random.between(3_000, 60_000), 2],
      [this.random.between(120_000, 300_000), 1],
    ]);
    this.restart(process, downMs);
  }

  /** The next life of a process that has ended. */
  restart(process: SimProcess, afterMs: number): void {
    this.trace?.(`${process.name} died; back in ${afterMs} ms`);
    this.hosts.delete(process.name);
    this.after(afterMs, () => this.#startProcess(process.name));
  }

  tookOver(process: SimProcess): void {
    const former = this.#lastOwner;
    this.#lastOwner = process;
    this.trace?.(`${process.name} takes the desks over`);
    if (former === undefined) return;
    this.coverage.count(former.name === process.name ? 'met:restart' : 'met:takeover');
    if (former.isAlive) this.coverage.count('met:takeover from a living owner');
    for (const device of this.devices()) device.resume();
  }

  #startProcess(name: string): void {
    this.#lives += 1;
    // One process alone knows its own lease again; of several, each life is a stranger.
    const owner = this.setup.processes === 1 ? 'local' : `${name}${this.#lives}`;
    const process = new KernelProcess(this, name, owner);
    this.hosts.set(name, process);
    process.start();
  }

  /** Whether this decision throws, whoever makes it. */
  failsToDecide({ deskId, state }: Pick<DeskRecord, 'deskId' | 'state'>, input: Input): boolean {
    const fault = this.failing.get(deskId);
    if (fault === undefined || this.isCalm) return false;
    if (input.type === 'Recovered') return this.now < fault.recoverableAt;
    if (input.type !== 'Tick' || state !== 'ready' || !fault.isNext) return false;
    fault.isNext = false;
    return true;
  }

  shiftWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  breakFeed(durationMs: number): void {
    this.#feedDownUntil = Math.max(this.#feedDownUntil, this.now + durationMs);
    this.toServing((process) => process.onGap());
  }

  decided(deskId: string, input: Input, decision: Decision): void {
    if (decision.events.length > 0) this.steps += 1;
    this.readings.decided(input);
    const broken = decision.events.filter(({ kind }) => kind === 'LimitBreached');
    if (broken.length > 1) this.coverage.count('trial:two_breaches');
    const desk = input.type === 'Recovered' ? this.log.committed(deskId)?.desk : undefined;
    if (desk !== undefined) noteRecovery(this, desk);
    if (this.trace === undefined || (decision.events.length === 0 && decision.effects.length === 0)) return;
    this.trace(`${deskId} ${describeInput(input)} → ${decision.events.map(describeEvent).join(', ')}`);
  }

  committed(appended: readonly Appended[]): void {
    for (const append of appended) {
      noteCommitted(this, append.deskId, append.events);
      checkCommitted(this, append);
    }
  }

  /** A desk whose batches were refused again and again stands still until somebody restarts its server. */
  #restartHalted(): void {
    for (const process of this.hosts.values()) {
      if (![...process.records()].some(({ state }) => state === 'halted')) continue;
      this.coverage.count('met:desk halted');
      process.stop();
    }
  }

  #marketStep(): void {
    const { market } = this;
    market.moveTo(market.stepTime + STEP_MS);
    this.venue.step();
    this.after(STEP_MS / this.setup.speed, () => this.#marketStep());
    this.#restartHalted();
    const barClosed = market.stepTime % BAR_MS === 0;
    if (barClosed) this.#untold.push(market.lastClosedBar);
    if (this.feedIsDown) return;
    for (const symbol of SYMBOLS) this.#lastQuotes.set(symbol, market.quote(symbol));
    this.toServing((process) => process.onPrices());
    if (barClosed) this.#tellBars();
  }

  /** As the hub does: what was missed is filled from history and told at once, before the bar after it. */
  #tellBars(): void {
    const told = this.#untold.splice(0);
    if (told.length > 1) this.coverage.count('met:bars in a burst');
    for (const openTime of told) this.#tellBar(openTime, openTime === told.at(-1) ? 'live' : 'missed');
    if (this.hit('bar_corrected')) this.#tellBar(told[0] ?? this.market.lastClosedBar, 'corrected');
  }

  #tellBar(openTime: number, news: BarNews): void {
    this.toServing((process) => process.onBar(openTime, news));
  }
}
