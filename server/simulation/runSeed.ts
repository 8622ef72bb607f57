import { hashView } from '../../shared/view/hashView.ts';
import { InvariantBroken } from './broken.ts';
import { type Coverage, makeOften } from './faults.ts';
import { checkLive } from './invariants/live.ts';
import { checkProtection } from './invariants/protection.ts';
import { checkEmergencies, isIdle, unsettled } from './invariants/quiet.ts';
import { EPOCH } from './logModel.ts';
import { strike } from './nemesis.ts';
import { Random } from './random.ts';
import type { Sabotage } from './sabotage.ts';
import type { VenueKind } from './venueKinds.ts';
import { World } from './world.ts';

export interface SeedRun {
  seed: number;
  profile: VenueKind;
  /** Steps after which the last quiet phase begins. */
  steps: number;
  /** Moves of the world whose strikes and faults are left out: how a history is shortened. */
  leftOut?: ReadonlySet<number>;
  /** Gives up, without a failure, beyond so many moves. */
  maxMoves?: number;
  /** Makes a deliberate breakage of this run, to see it caught. */
  sabotage?: () => Sabotage;
  /** Told what happens, with the move and the world time. */
  trace?: (line: string) => void;
}

export interface Failure {
  /** The move of the world at which it showed. */
  move: number;
  invariant: string;
  message: string;
}

/** Hashes of one desk's view: as the log has it, and as each device shows it. */
export interface DeskDigest {
  deskId: string;
  log: string;
  devices: string[];
}

export interface SeedResult {
  steps: number;
  moves: number;
  coverage: Coverage;
  /** Moves with a fault, a strike or a command. */
  active: number[];
  failure: Failure | null;
  /** Of each desk in the end; empty after a failure. */
  digests: DeskDigest[];
}

/** Moves of trouble before each quiet phase. */
const TROUBLE_MOVES = [2_000, 8_000] as const;
/** After the last fault: what is under way comes to its end, then everything must agree within the limit; world ms. */
const SETTLE_MS = 45_000;
const SETTLE_LIMIT_MS = 180_000;
/** Between the costlier checks, moves. */
const LIVE_CHECK_MOVES = 1_009;
const REPLAY_CHECK_MOVES = 5_003;

/** Moves in which a run must have come to its end: in a world that works, something changes all the time. */
const IDLE_LIMIT_MOVES = 100_000;
const IDLE_LIMIT_PER_STEP = 500;

class GaveUp extends Error {
  override name = 'GaveUp';
}

/** One run from one seed. Never throws for a broken invariant: says which. */
export function runSeed(run: SeedRun): SeedResult {
  const world = new World(run.seed, run.profile, run.sabotage?.());
  makeOften(world.plan, world.sabotage.often ?? []);
  let move = 0;
  if (run.trace !== undefined) {
    const { trace } = run;
    world.trace = (line) => trace(`${move} ${world.now.toFixed(0)} ms  ${line}`);
  }
  const active: number[] = [];
  const maxMoves = run.maxMoves ?? Number.POSITIVE_INFINITY;
  const idleLimit = IDLE_LIMIT_MOVES + run.steps * IDLE_LIMIT_PER_STEP;
  const step = (isQuiet: boolean): void => {
    move += 1;
    if (move > maxMoves) throw new GaveUp();
    if (move > idleLimit) throw new InvariantBroken('REST', `only ${world.steps} steps in ${move} moves`);
    const before = world.interventions;
    world.random = new Random(run.seed, move);
    const isLeftOut = run.leftOut?.has(move) === true;
    world.isCalm = isQuiet || isLeftOut;
    if (!isQuiet && world.random.chance(world.plan.strikeRate)) {
      strike(world, isLeftOut);
      world.settle();
    } else world.runNext();
    if (world.interventions > before) active.push(move);
    checkProtection(world);
    if (move % LIVE_CHECK_MOVES === 0) checkLive(world);
    if (move % REPLAY_CHECK_MOVES === 0)
      for (const deskId of world.log.deskIds()) world.log.checkReplay(deskId);
  };
  let failure: Failure | null = null;
  const putBack = world.sabotage.parts?.(world);
  try {
    openDesks(world, () => step(true));
    while (world.steps < run.steps) {
      const until = move + new Random(run.seed, -move).between(...TROUBLE_MOVES);
      while (move < until && world.steps < run.steps) step(false);
      settle(world, () => step(true));
    }
    for (const deskId of world.log.deskIds()) world.log.checkReplay(deskId);
  } catch (error) {
    if (error instanceof InvariantBroken)
      failure = { move, invariant: error.invariant, message: error.message };
    else if (!(error instanceof GaveUp)) throw error;
  } finally {
    putBack?.();
  }
  if (failure !== null) active.push(...(active.at(-1) === move ? [] : [move]));
  const digests = failure === null ? digestsOf(world) : [];
  return { steps: world.steps, moves: move, coverage: world.coverage, active, failure, digests };
}

function digestsOf(world: World): DeskDigest[] {
  const devices = [...world.devices()];
  return world.log.deskIds().flatMap((deskId) => {
    const committed = world.log.committed(deskId);
    if (committed === undefined) return [];
    const log = hashView(EPOCH, committed.desk.seq, committed.view);
    const ofDesk = devices.filter((device) => device.deskId === deskId);
    return [{ deskId, log, devices: ofDesk.map((device) => device.hash) }];
  });
}

/** After this long, world ms, somebody who was refused signs up again. */
const ASK_AGAIN_MS = 10_000;

/** Users sign up; whoever is not there when the server dies, or was refused, does so again. */
function openDesks(world: World, step: () => void): void {
  const names = Array.from({ length: world.setup.desks }, (_, index) => `desk${index + 1}`);
  let asked: World['process'];
  let askedAt = 0;
  for (;;) {
    const missing = names.filter((name) => world.log.head(name) === 0);
    if (missing.length === 0) return;
    const { process } = world;
    if (process !== asked || world.now - askedAt >= ASK_AGAIN_MS) {
      for (const name of missing) world.openDesk(name);
      asked = process;
      askedAt = world.now;
    }
    step();
  }
}

/** The quiet phase: nothing fails any more, and everything must come to rest. */
function settle(world: World, step: () => void): void {
  world.trace?.('quiet from here');
  const startedAt = world.now;
  const feedDown = (): boolean =>
    world.process === undefined || world.feedIsDown || !world.line.isHealthy || world.line.isBlind;
  let healthySince = world.now;
  let last: string[] = [];
  for (;;) {
    step();
    if (feedDown()) healthySince = world.now;
    checkEmergencies(world, healthySince);
    if (world.now - healthySince < SETTLE_MS) continue;
    if (isIdle(world)) {
      last = unsettled(world);
      if (last.length === 0) break;
    }
    if (world.now - healthySince > SETTLE_LIMIT_MS) {
      const [first] = last;
      const invariant = first?.slice(0, first.indexOf(':')) ?? 'REST';
      throw new InvariantBroken(invariant, last.length === 0 ? 'it never comes to rest' : last.join('; '));
    }
  }
  world.coverage.count('quiet phases');
  world.coverage.count('quiet seconds', Math.round((world.now - startedAt) / 1_000));
}
