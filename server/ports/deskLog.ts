import type { DirectoryEntry } from './accountDirectory.ts';
import type { ProjectionRows } from './projections.ts';

/** An event as stored: what happened to a desk, durable before anyone acts on it or hears of it. */
export interface StoredEvent {
  deskId: string;
  seq: number;
  /** Version of the shape of `data`; upcast when read. */
  version: number;
  kind: string;
  /** Wall time of the batch that committed it. */
  ts: number;
  /** `{ by, cause, data }` as JSON text. */
  body: string;
}

/** The stored first answer to a command. */
export interface CommandRecord {
  userId: string;
  commandId: string;
  argsHash: string;
  /** JSON text of the reply's `{ ok, result | error }`. */
  reply: string;
  createdAt: number;
}

export interface StoredSnapshot {
  deskId: string;
  seq: number;
  version: number;
  /** JSON text of the desk's state and of its view at `seq`. */
  state: string;
  view: string;
}

/** What one desk adds in one append. */
export interface DeskAppend {
  deskId: string;
  /** The head this append follows; the first new event has `expectedSeq + 1`. */
  expectedSeq: number;
  events: StoredEvent[];
  commands: CommandRecord[];
  projections: ProjectionRows;
  snapshot?: StoredSnapshot;
  /** Whether anything of the desk has to be looked after from here on, whether or not somebody asks for it. */
  awake: boolean;
  /** All accounts of the desk, where what is known of them may have changed. */
  accounts?: DirectoryEntry[];
}

/** A stretch of the accounts of a shard, by id. */
export interface AccountsPage {
  /** Only ids greater than this one; '': from the first. */
  after: string;
  limit: number;
  /** Only those at this venue, of desks that nobody has to look after; null: all. */
  asleepAt: string | null;
}

export interface LeaseProof {
  shard: number;
  token: bigint;
}

/**
 * - `committed`: durable
 * - `lease_lost`: another process holds the shard; nothing was written
 * - `conflict`: this desk's head is not `expectedSeq`, or a command id exists; nothing of the batch was written
 * - `failed`: nothing was written, for another reason; `away`: it is not the batch, the store takes nothing now
 * - `unknown`: COMMIT's answer was lost: read the heads before anything else
 */
export type AppendOutcome =
  | { outcome: 'committed' }
  | { outcome: 'lease_lost' }
  | { outcome: 'conflict'; deskId: string }
  | { outcome: 'failed'; message: string; away?: 'unreachable' | 'refuses_writes' }
  | { outcome: 'unknown'; message: string };

/** The event log: one transaction per append, with the lease checked inside it. */
export interface DeskLog {
  /** One random id per log; unchanged by restart, renewed by a restore. */
  epoch(): Promise<string>;
  append(lease: LeaseProof, desks: DeskAppend[]): Promise<AppendOutcome>;
  heads(deskIds?: string[]): Promise<Map<string, number>>;
  /** Events with seq > `after`, ascending, at most `limit`. */
  read(deskId: string, after: number, limit: number): Promise<StoredEvent[]>;
  snapshot(deskId: string): Promise<StoredSnapshot | undefined>;
  /** Of those that have any; in no order. */
  snapshots(deskIds: string[]): Promise<StoredSnapshot[]>;
  /** As `read` of each of them, at most `limit` of each: ascending within a desk. */
  readAll(desks: { deskId: string; after: number }[], limit: number): Promise<StoredEvent[]>;
  desksOfShard(shard: number): Promise<string[]>;
  /** Those whose last append said so; desks of a log written before there was this are. */
  awakeDesks(shard: number): Promise<string[]>;
  deskOfAccount(accountId: string): Promise<string | undefined>;
  /** Ascending by id. */
  accounts(shard: number, page: AccountsPage): Promise<DirectoryEntry[]>;
  command(userId: string, commandId: string): Promise<CommandRecord | undefined>;
  /** Forgets answers to commands older than wall time `before`; how many. */
  pruneCommands?(before: number): Promise<number>;
  /** True once after a restore: desks start latched until released. */
  restoredAt(): Promise<number | null>;
}

/** Why these appends are not well-formed, for adapters to refuse them alike; undefined when they are. */
export function appendProblem(desks: DeskAppend[]): string | undefined {
  const seen = new Set<string>();
  for (const desk of desks) {
    if (seen.has(desk.deskId)) return `desk ${desk.deskId} is twice in one append`;
    seen.add(desk.deskId);
    for (const [index, event] of desk.events.entries()) {
      const expected = desk.expectedSeq + 1 + index;
      if (event.deskId === desk.deskId && event.seq === expected) continue;
      return `event ${event.deskId}/${event.seq} where ${desk.deskId}/${expected} belongs`;
    }
    if (desk.snapshot !== undefined && desk.snapshot.deskId !== desk.deskId) {
      return `a snapshot of ${desk.snapshot.deskId} in an append to ${desk.deskId}`;
    }
  }
  return undefined;
}
