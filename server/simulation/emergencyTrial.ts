import type { Emergency } from '../../shared/domain/alert.ts';
import { type Cause, refusalIn } from '../../shared/domain/cause.ts';
import { lt } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import { InvariantBroken } from './broken.ts';
import { ask, buildExposure, requestFor, TRIAL_DESK, trialDesk } from './emergencyTrialSetup.ts';
import type { Chance, Coverage } from './faults.ts';
import { checkProtection } from './invariants/protection.ts';
import { SYMBOLS } from './market.ts';
import { Random } from './random.ts';
import type { VenueKind } from './venueKinds.ts';
import { World } from './world.ts';

/** In which stage the server is killed; `each`: in every one that is seen. */
export const CRASH_STAGES = ['latched', 'cancelling', 'closing', 'cleaning', 'verifying', 'each'] as const;
export type CrashStage = (typeof CRASH_STAGES)[number];

export interface EmergencyTrial {
  seed: number;
  profile: VenueKind;
  crashIn: CrashStage;
  /** The venue refuses everything in one symbol until the receipt has named it. */
  refuses?: boolean;
  trace?: (line: string) => void;
}

export interface TrialResult {
  failure: string | null;
  /** World ms from the end of the faults, with a server running, until the venue was flat and a receipt said so. */
  flatAfterMs: number;
  /** Stages in which the server was killed. */
  crashes: Emergency['stage'][];
  /** Rows that receipts had to leave. */
  residual: number;
  coverage: Coverage;
}

/** Over within a few moves. Just latched: committed, and nothing of it has left yet. */
const BRIEF: ReadonlySet<Emergency['stage']> = new Set(['latched', 'cleaning', 'verifying']);

/** Of each message, answer, read and refusal; cancels are refused by the rate limit. */
const TROUBLE: Partial<Record<Chance, number>> = {
  order_rejected: 0.3,
  rate_limited: 0.15,
  request_lost: 0.1,
  request_late: 0.1,
  response_lost: 0.1,
  read_failed: 0.3,
  slow_call: 0.1,
  push_dropped: 0.3,
  push_delayed: 0.1,
  push_duplicated: 0.1,
};
const TROUBLE_MS = [15_000, 60_000] as const;
/** Trouble goes on for so long after a receipt: late orders and devices that want to trade on. World ms. */
const AFTER_RECEIPT_MS = 5_000;
/** The claim: flat within this once nothing fails any more, world ms. */
export const FLAT_WITHIN_MS = 60_000;
/** A venue that refuses is given so long to be believed: attempts are a second apart. */
const RECEIPT_WITHIN_MS = 120_000;

/** One emergency stop from one seed, in trouble, with crashes; says what broke, if anything did. */
export function runEmergencyTrial(run: EmergencyTrial): TrialResult {
  const trial = new Trial(run);
  let failure: string | null = null;
  try {
    trial.run();
  } catch (error) {
    if (!(error instanceof InvariantBroken)) throw error;
    failure = `${error.invariant}: ${error.message}`;
  }
  const { flatAfterMs, crashes, residual, world } = trial;
  return { failure, flatAfterMs, crashes, residual, coverage: world.coverage };
}

class Trial {
  readonly world: World;
  readonly crashes: Emergency['stage'][] = [];
  flatAfterMs = 0;
  residual = 0;
  readonly #run: EmergencyTrial;
  #move = 0;
  #isTrouble = false;
  /** Moves until the crash that is due; undefined: none is. */
  #crashIn: number | undefined;

  constructor(run: EmergencyTrial) {
    this.#run = run;
    this.world = new World(run.seed, run.profile);
    const { chances } = this.world.plan;
    for (const name of Object.keys(chances) as Chance[]) chances[name] = TROUBLE[name] ?? 0;
    const { trace } = run;
    if (trace !== undefined) this.world.trace = (line) => trace(`${this.world.now.toFixed(0)} ms  ${line}`);
  }

  run(): void {
    const { world } = this;
    buildExposure(world, () => this.#step());
    const refused = this.#run.refuses === true ? this.#refuseSymbol() : undefined;
    this.#isTrouble = true;
    ask(world, { type: 'EmergencyStop', scope: {} });
    let until = world.now + new Random(this.#run.seed, -9).between(...TROUBLE_MS);
    while (world.now < until || this.#emergencies().length === 0) {
      this.#step();
      // Over in spite of it all: little is left to see.
      if (this.#isDone()) until = Math.min(until, world.now + AFTER_RECEIPT_MS);
    }
    this.#isTrouble = false;
    world.trace?.('no more faults');
    if (refused === undefined) {
      this.flatAfterMs = this.#measure(FLAT_WITHIN_MS, () => this.#isDone() && this.#open().length === 0);
      this.#checkReceipts(undefined);
      return;
    }
    this.#measure(RECEIPT_WITHIN_MS, () => this.#isDone());
    this.#checkReceipts(refused.symbol);
    world.market.instruments.set(refused.symbol, refused);
    this.flatAfterMs = this.#measure(
      FLAT_WITHIN_MS,
      () => this.#open().length === 0 && this.#residual().every((row) => row.closedAt !== undefined),
    );
  }

  #step(): void {
    const { world } = this;
    this.#move += 1;
    world.random = new Random(this.#run.seed, this.#move);
    world.isCalm = !this.#isTrouble;
    if (this.#isTrouble && world.random.chance(0.005)) this.#interfere();
    world.runNext();
    // What the venue refuses to close stays open beyond every limit.
    if (this.#run.refuses !== true) checkProtection(world);
    if (this.#isTrouble) this.#crashWhenDue();
  }

  /** Another device wants to trade on, or presses again: nothing of it may add exposure. */
  #interfere(): void {
    const { world } = this;
    const account = world.random.pick([...(trialDesk(world)?.accounts.keys() ?? [])]);
    const side = world.random.pick(['buy', 'sell'] as const);
    world.random.pick([
      () => ask(world, { type: 'StartBots', scope: {} }, 'desktop'),
      () => ask(world, { type: 'EmergencyStop', scope: {} }, 'desktop'),
      () => {
        const request = requestFor(world, account, world.random.pick(SYMBOLS), side, 'market');
        ask(world, { type: 'SubmitOrder', request }, 'desktop');
      },
      () => {
        for (const botId of trialDesk(world)?.bots.keys() ?? [])
          ask(world, { type: 'ResumeBot', botId }, 'desktop');
      },
    ])();
  }

  #crashWhenDue(): void {
    const { world } = this;
    const stage = this.#stage();
    const { crashIn } = this.#run;
    const isWanted = stage !== undefined && (crashIn === 'each' || crashIn === stage);
    if (isWanted && stage !== 'done' && !this.crashes.includes(stage) && world.process !== undefined) {
      this.#crashIn ??= BRIEF.has(stage) ? 0 : world.random.between(0, 5);
    }
    if (this.#crashIn === undefined) return;
    this.#crashIn -= 1;
    if (this.#crashIn >= 0 || world.process === undefined) return;
    this.#crashIn = undefined;
    // It may have gone on to the next stage by now: that is where it dies then.
    const current = this.#stage();
    if (current !== undefined && current !== 'done') this.crashes.push(current);
    world.coverage.count('fault:crash');
    world.crash(world.process, world.random.chance(0.5) ? 'written' : 'lost');
  }

  #emergencies(): Emergency[] {
    return [...(trialDesk(this.world)?.emergencies.values() ?? [])];
  }

  /** `latched` as long as the log is no further than the batch it began with. */
  #stage(): Emergency['stage'] | undefined {
    const [emergency] = this.#emergencies();
    if (emergency === undefined) return undefined;
    this.#latchedSeq ??= trialDesk(this.world)?.seq;
    return this.#latchedSeq === trialDesk(this.world)?.seq ? 'latched' : emergency.stage;
  }
  #latchedSeq: number | undefined;

  #isDone(): boolean {
    const emergencies = this.#emergencies();
    return emergencies.length > 0 && emergencies.every(({ stage }) => stage === 'done');
  }

  #residual(): Emergency['residual'] {
    return this.#emergencies().flatMap((emergency) => emergency.residual);
  }

  /** What the venue has of the desk's accounts. */
  #open(): string[] {
    return [...(trialDesk(this.world)?.accounts.keys() ?? [])].flatMap((accountId) => {
      const state = this.world.venue.books.get(accountId)?.account.state;
      const held = Object.values(state?.positions ?? {}).map(({ size, symbol }) => `${size} ${symbol}`);
      return [...held, ...(state?.orders ?? []).map((order) => `${order.type} in ${order.symbol}`)];
    });
  }

  /** World ms until it is met, not counting while no server has the desk. Throws beyond the limit. */
  #measure(limitMs: number, isMet: () => boolean): number {
    const { world } = this;
    let spent = 0;
    while (!isMet()) {
      const before = world.now;
      this.#step();
      if (world.process !== undefined) spent += world.now - before;
      if (spent <= limitMs) continue;
      const stages = this.#emergencies().map(({ stage }) => stage);
      throw new InvariantBroken(
        'REST',
        `after ${limitMs} ms still ${stages}; open: ${this.#open().join('; ')}`,
      );
    }
    return spent;
  }

  /** Everything in this symbol is refused from now on. */
  #refuseSymbol(): Instrument {
    const { market, random } = this.world;
    // Not what a stop of a bot may close all the same.
    const held = [...(trialDesk(this.world)?.positions.values() ?? [])].filter(({ botId }) => botId === null);
    const symbol = held.length > 0 ? random.pick(held).symbol : 'DOGEUSDT';
    const instrument = market.instruments.get(symbol);
    if (instrument === undefined) throw new Error('no instrument');
    market.instruments.set(instrument.symbol, { ...instrument, status: 'halted' });
    return instrument;
  }

  /** What stays is what the venue persistently refused, and nothing else; what was found is closed. */
  #checkReceipts(refused: string | undefined): void {
    const rows = this.#residual();
    this.residual = rows.length;
    for (const { symbol, why } of rows) {
      if (symbol !== refused || !isNotTrading(why))
        throw new InvariantBroken(
          'INV-7',
          `a receipt leaves ${symbol} (${why.code}), which the venue did not refuse`,
        );
    }
    for (const line of this.#open()) {
      if (refused === undefined || !line.endsWith(refused))
        throw new InvariantBroken('INV-7', `${TRIAL_DESK} is done while the venue has ${line}`);
    }
    for (const emergency of this.#emergencies()) {
      for (const { accountId, symbol, size } of emergency.found) {
        if (rows.some((row) => row.accountId === accountId && row.symbol === symbol)) continue;
        const closed = emergency.closed.find((row) => row.accountId === accountId && row.symbol === symbol);
        if (closed === undefined || lt(closed.size, size))
          throw new InvariantBroken('INV-9', `of ${size} ${symbol} the receipt says ${closed?.size} closed`);
      }
    }
  }
}

/** A close or a cancel that its suspended market refuses. */
const isNotTrading = (why: Cause): boolean =>
  refusalIn(why) === 'not_trading' || (why.code === 'not_cancelled' && why.figures.as === 'not_trading');
