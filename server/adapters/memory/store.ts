import type { DirectoryEntry } from '../../ports/accountDirectory.ts';
import type { CommandRecord, StoredEvent, StoredSnapshot } from '../../ports/deskLog.ts';
import { DeskRows } from './deskRows.ts';

interface StoredDesk {
  shard: number;
  events: StoredEvent[];
  snapshot: StoredSnapshot | undefined;
  awake: boolean;
  accounts: DirectoryEntry[];
  history: DeskRows;
}

interface StoredLease {
  owner: string;
  token: bigint;
  expiresAt: number;
}

/** What one deployment keeps: the database of the memory adapters. Outlives the adapters made from it. */
export class MemoryStore {
  epoch: string;
  restoredAt: number | null = null;
  readonly desks = new Map<string, StoredDesk>();
  readonly commands = new Map<string, CommandRecord>();
  readonly leases = new Map<number, StoredLease>();

  constructor(epoch = 'memory') {
    this.epoch = epoch;
  }

  /** The desk, made when it is new. */
  desk(deskId: string, shard: number): StoredDesk {
    const present = this.desks.get(deskId);
    if (present !== undefined) return present;
    const made: StoredDesk = {
      ...{ shard, events: [], snapshot: undefined, awake: true, accounts: [] },
      history: new DeskRows(),
    };
    this.desks.set(deskId, made);
    return made;
  }
}
