import type { View } from '../../shared/view/view.ts';
import type { Desk } from '../core/desk.ts';
import type { DeskEvent } from '../core/events.ts';
import type { DirectoryEntry } from '../ports/accountDirectory.ts';
import type { CommandRecord, DeskAppend, StoredEvent, StoredSnapshot } from '../ports/deskLog.ts';
import { foldEvent, type LoadedDesk, startOfLoad } from '../runtime/loadDesk.ts';
import { decodeEvent } from '../runtime/storedEvents.ts';
import { InvariantBroken } from './broken.ts';
import type { LeaseModel } from './leaseModel.ts';
import { freeze, isSame } from './sameState.ts';

export const EPOCH = 'simulation';

interface StoredDesk {
  events: StoredEvent[];
  /** The same, read back once and frozen: whoever changes an entity in place is found out. */
  decoded: DeskEvent[];
  snapshot: StoredSnapshot | undefined;
  awake: boolean;
  accounts: DirectoryEntry[];
  /** Folded from each stored event as it was written: the committed state that everything is compared with. */
  committed: LoadedDesk;
}

export interface Appended {
  deskId: string;
  events: DeskEvent[];
  commands: readonly CommandRecord[];
}

export type AppendResult =
  | { outcome: 'committed'; appended: Appended[] }
  | { outcome: 'lease_lost' }
  | { outcome: 'failed' };

/** The event log: what an append has written stays, whoever dies. Only the holder of the lease writes. */
export class LogModel {
  readonly #desks = new Map<string, StoredDesk>();
  readonly #commands = new Map<string, CommandRecord>();
  readonly #leases: LeaseModel;
  /** An append was executed after its process had given it up: the next one may find another head. */
  #wasLate = false;

  constructor(leases: LeaseModel) {
    this.#leases = leases;
  }

  deskIds(): string[] {
    return [...this.#desks.keys()];
  }

  awakeDesks(): string[] {
    return this.deskIds().filter((deskId) => this.#desks.get(deskId)?.awake);
  }

  /** By id; `asleep`: only those of desks that are not awake. */
  accounts(asleep: boolean): DirectoryEntry[] {
    const desks = [...this.#desks.values()].filter(({ awake }) => !(asleep && awake));
    return desks.flatMap(({ accounts }) => accounts).sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
  }

  head(deskId: string): number {
    return this.#desks.get(deskId)?.events.length ?? 0;
  }

  /** One transaction: all desks or none. Says what was written, decoded. */
  append(token: number, appends: readonly DeskAppend[]): AppendResult {
    if (!this.#leases.isCurrent(token)) return { outcome: 'lease_lost' };
    for (const append of appends) {
      const head = this.head(append.deskId);
      if (append.expectedSeq !== head) {
        if (this.#wasLate) return { outcome: 'failed' };
        throw new InvariantBroken('INV-3', `append after ${append.expectedSeq}, the head is ${head}`);
      }
      append.events.forEach((event, index) => {
        if (event.seq !== head + 1 + index)
          throw new InvariantBroken('INV-3', `event ${event.seq} at ${head + 1 + index}`);
      });
      if (append.commands.some(({ userId, commandId }) => this.command(userId, commandId) !== undefined))
        return { outcome: 'failed' };
    }
    return { outcome: 'committed', appended: appends.map((append) => this.#write(append)) };
  }

  /** The same, long after it was sent: it may find that others have written since. */
  appendLate(token: number, appends: readonly DeskAppend[]): AppendResult {
    this.#wasLate = true;
    return this.append(token, appends);
  }

  command(userId: string, commandId: string): CommandRecord | undefined {
    return this.#commands.get(`${userId}|${commandId}`);
  }

  snapshot(deskId: string): StoredSnapshot | undefined {
    return this.#desks.get(deskId)?.snapshot;
  }

  read(deskId: string, after: number, limit: number): StoredEvent[] {
    return this.#desks.get(deskId)?.events.slice(after, after + limit) ?? [];
  }

  #write(append: DeskAppend): Appended {
    const desk = this.#desk(append.deskId);
    const events = append.events.map((stored) => freeze(decodeEvent(stored)));
    const from = desk.events.length;
    desk.events.push(...append.events);
    desk.decoded.push(...events);
    fold(desk.committed, desk, from);
    if (append.snapshot !== undefined) desk.snapshot = append.snapshot;
    desk.awake = append.awake;
    if (append.accounts !== undefined) desk.accounts = append.accounts;
    for (const record of append.commands) this.#commands.set(`${record.userId}|${record.commandId}`, record);
    return { deskId: append.deskId, events, commands: append.commands };
  }

  committed(deskId: string): { desk: Desk; view: View } | undefined {
    return this.#desks.get(deskId)?.committed;
  }

  /** What a process that takes the desk over makes of snapshot and log. */
  load(deskId: string): LoadedDesk {
    const stored = this.#desks.get(deskId);
    const loaded = startOfLoad(deskId, stored?.snapshot);
    if (stored === undefined) return loaded;
    fold(loaded, stored, loaded.desk.seq);
    loaded.lastEventAt = stored.events[stored.events.length - 1]?.ts ?? null;
    return loaded;
  }

  /** Throws unless a replay of the whole log, without snapshot, gives the committed state. */
  checkReplay(deskId: string): void {
    const stored = this.#desks.get(deskId);
    if (stored === undefined) return;
    const replayed = startOfLoad(deskId, undefined);
    fold(replayed, stored, 0);
    const loaded = this.load(deskId);
    for (const [how, other] of [
      ['a replay of the whole log', replayed],
      ['snapshot and replay', loaded],
    ] as const) {
      if (!isSame(other.desk, stored.committed.desk))
        throw new InvariantBroken('INV-3', `${how} gives another desk than the committed one`);
      if (!isSame(other.view, stored.committed.view))
        throw new InvariantBroken('INV-3', `${how} gives another view than the committed one`);
    }
  }

  #desk(deskId: string): StoredDesk {
    const known = this.#desks.get(deskId);
    if (known !== undefined) return known;
    const made: StoredDesk = {
      events: [],
      decoded: [],
      ...{ snapshot: undefined, awake: true, accounts: [] },
      committed: startOfLoad(deskId, undefined),
    };
    this.#desks.set(deskId, made);
    return made;
  }
}

/** What follows event `from` of the log. */
function fold(loaded: LoadedDesk, { events, decoded }: StoredDesk, from: number): void {
  for (let index = from; index < decoded.length; index++) {
    const [stored, event] = [events[index], decoded[index]];
    if (stored !== undefined && event !== undefined) foldEvent(loaded, event, stored.ts, EPOCH);
  }
}
