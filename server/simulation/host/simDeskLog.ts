import type { DirectoryEntry } from '../../ports/accountDirectory.ts';
import type {
  AccountsPage,
  AppendOutcome,
  CommandRecord,
  DeskAppend,
  DeskLog,
  LeaseProof,
  StoredEvent,
  StoredSnapshot,
} from '../../ports/deskLog.ts';
import { InvariantBroken } from '../broken.ts';
import { BEYOND_LEASE_MS } from '../faults.ts';
import { EPOCH } from '../logModel.ts';
import type { SimProcess } from '../simProcess.ts';
import type { World } from '../world.ts';
import { type StoreLine, StoreLost, type StoreReach } from './storeLine.ts';

/** One append on its way. */
interface Underway {
  token: number;
  desks: DeskAppend[];
  /** What the database made of it; undefined: nothing yet. */
  outcome: AppendOutcome | undefined;
}

/** The world's log as a port of one process, with all that can go wrong on the way. */
export class SimDeskLog implements DeskLog {
  readonly #world: World;
  readonly #process: SimProcess & StoreReach;
  readonly #line: StoreLine;
  #underway: Underway | undefined;

  constructor(world: World, process: SimProcess & StoreReach, line: StoreLine) {
    this.#world = world;
    this.#process = process;
    this.#line = line;
  }

  async epoch(): Promise<string> {
    return EPOCH;
  }

  async restoredAt(): Promise<number | null> {
    return null;
  }

  heads(deskIds: string[] = this.#world.log.deskIds()): Promise<Map<string, number>> {
    return this.#line.ask(() => new Map(deskIds.map((deskId) => [deskId, this.#world.log.head(deskId)])));
  }

  read(deskId: string, after: number, limit: number): Promise<StoredEvent[]> {
    return this.#line.ask(() => this.#world.log.read(deskId, after, limit), this.#readingMs());
  }

  snapshot(deskId: string): Promise<StoredSnapshot | undefined> {
    return this.#line.ask(() => this.#world.log.snapshot(deskId), this.#readingMs());
  }

  snapshots(deskIds: string[]): Promise<StoredSnapshot[]> {
    const { log } = this.#world;
    const all = (): StoredSnapshot[] => deskIds.flatMap((deskId) => log.snapshot(deskId) ?? []);
    return this.#line.ask(all, this.#readingMs());
  }

  readAll(desks: { deskId: string; after: number }[], limit: number): Promise<StoredEvent[]> {
    const { log } = this.#world;
    const all = (): StoredEvent[] => desks.flatMap(({ deskId, after }) => log.read(deskId, after, limit));
    return this.#line.ask(all, this.#readingMs());
  }

  desksOfShard(): Promise<string[]> {
    return this.#line.ask(() => this.#world.log.deskIds().sort());
  }

  awakeDesks(): Promise<string[]> {
    return this.#line.ask(() => this.#world.log.awakeDesks().sort());
  }

  deskOfAccount(accountId: string): Promise<string | undefined> {
    const all = (): DirectoryEntry[] => this.#world.log.accounts(false);
    return this.#line.ask(() => all().find((entry) => entry.accountId === accountId)?.deskId);
  }

  accounts(_shard: number, { after, limit, asleepAt }: AccountsPage): Promise<DirectoryEntry[]> {
    return this.#line.ask(() =>
      this.#world.log
        .accounts(asleepAt !== null)
        .filter(({ accountId, venue }) => accountId > after && (asleepAt ?? venue) === venue)
        .slice(0, limit),
    );
  }

  command(userId: string, commandId: string): Promise<CommandRecord | undefined> {
    const { sabotage, log } = this.#world;
    return this.#line.ask(() =>
      sabotage.forgetsCommands === true ? undefined : log.command(userId, commandId),
    );
  }

  append(lease: LeaseProof, desks: DeskAppend[]): Promise<AppendOutcome> {
    const { sabotage } = this.#world;
    const { append = (same: DeskAppend) => same } = sabotage;
    return new Promise((resolve, reject) => {
      if (this.#process.gate.isDead) return;
      const token = sabotage.neverFences === true ? this.#world.leases.token : Number(lease.token);
      const underway: Underway = { token, desks: desks.map(append), outcome: undefined };
      if (sabotage.forgetsCommands === true) underway.desks = underway.desks.map(withoutCommands);
      this.#underway = underway;
      // It is said to be stored before it is: who believes it publishes and acts too early.
      if (sabotage.publishesEarly === true || sabotage.actsEarly === true) resolve({ outcome: 'committed' });
      this.#send(underway, resolve, reject);
    });
  }

  /** The process dies: what the database has not executed yet it may or may not execute. */
  die(atCommit: 'written' | 'lost'): void {
    if (this.#underway?.outcome === undefined && atCommit === 'written' && this.#underway !== undefined)
      this.#write(this.#underway);
  }

  #send(underway: Underway, resolve: (outcome: AppendOutcome) => void, reject: (error: Error) => void): void {
    const [world, process] = [this.#world, this.#process];
    const { random, sabotage } = world;
    const failed = world.hit('commit_failed');
    const neverArrives = world.hit('commit_never_arrived');
    const isLate = world.hit('commit_late');
    const answerLost = world.hit('commit_answer_lost');
    const slow = world.hit('commit_slow');
    const crashBefore = world.hit('crash_before_commit');
    const crashWritten = world.hit('crash_commit_answer_lost');
    const [quick, wait, back] = [random.between(1, 4), random.between(100, 3_000), random.between(0, 3)];
    const lateMs = random.between(1, 400);
    const lost = (): void =>
      sabotage.believesLost === true
        ? resolve({ outcome: 'committed' })
        : reject(new StoreLost('no answer to a commit'));
    if (process.isDatabaseCut) {
      if (random.chance(0.5)) {
        const away = { outcome: 'failed', message: 'not reached', away: 'unreachable' } as const;
        world.timer(quick, () => process.wake(() => resolve(away)));
      } else this.#line.lose(reject);
      return;
    }
    if (neverArrives || isLate) {
      // The heads tell, after a while.
      world.after(wait, () => process.wake(lost));
      if (isLate) world.after(wait + lateMs, () => this.#writeLate(underway));
      return;
    }
    // At the database: it works on while the process sleeps.
    world.after(slow ? wait : quick, () => {
      if (!process.isAlive) return;
      if (crashBefore) {
        world.crash(process, 'lost');
        return;
      }
      if (process.isDatabaseCut) {
        this.#line.lose(reject);
        return;
      }
      const outcome = failed ? ({ outcome: 'failed', message: 'injected' } as const) : this.#write(underway);
      underway.outcome = outcome;
      if (crashWritten) {
        world.crash(process, 'lost');
        return;
      }
      world.after(answerLost ? wait : back, () => {
        if (process.isDatabaseCut) this.#line.lose(reject);
        else if (answerLost) process.wake(lost);
        else this.#answer(outcome, resolve);
      });
    });
  }

  #answer(outcome: AppendOutcome, resolve: (outcome: AppendOutcome) => void): void {
    const [world, process] = [this.#world, this.#process];
    if (outcome.outcome === 'committed') {
      if (world.hit('crash_after_commit')) {
        world.crash(process, 'lost');
        return;
      }
      // Between commit and send: what follows from it is done when it wakes, long after.
      if (world.hit('pause_before_send')) process.pause(world.random.between(...BEYOND_LEASE_MS));
    }
    process.wake(() => resolve(outcome));
  }

  #write(underway: Underway): AppendOutcome {
    const [world, process] = [this.#world, this.#process];
    const { desks, token } = underway;
    const written = world.log.append(token, desks);
    if (written.outcome !== 'committed') world.coverage.count(`met:append ${written.outcome}`);
    underway.outcome = outcomeOf(written.outcome, desks);
    if (written.outcome === 'committed') {
      if (!world.leases.isCurrent(process.leaseToken))
        throw new InvariantBroken('INV-2', `${process.name} wrote desks that another has taken over`);
      world.committed(written.appended);
    }
    return underway.outcome;
  }

  /** The database had not got to it when its heads were read, or just so. */
  #writeLate({ token, desks }: Underway): void {
    const world = this.#world;
    const written = world.log.appendLate(token, desks);
    if (written.outcome !== 'committed') return;
    world.committed(written.appended);
  }

  /** Desks are read back slowly now and then: bars may close meanwhile. */
  #readingMs(): number {
    const { random } = this.#world;
    return random.chance(0.1) ? random.between(20, 5_000) : 0;
  }
}

const withoutCommands = (append: DeskAppend): DeskAppend => ({ ...append, commands: [] });

function outcomeOf(
  outcome: 'committed' | 'lease_lost' | 'failed',
  desks: readonly DeskAppend[],
): AppendOutcome {
  return outcome === 'failed' ? { outcome: 'conflict', deskId: desks[0]?.deskId ?? '' } : { outcome };
}
