import type { DirectoryEntry } from '../../ports/accountDirectory.ts';
import {
  type AccountsPage,
  type AppendOutcome,
  appendProblem,
  type CommandRecord,
  type DeskAppend,
  type DeskLog,
  type LeaseProof,
  type StoredEvent,
  type StoredSnapshot,
} from '../../ports/deskLog.ts';
import type { MemoryStore } from './store.ts';

/** Faults for the simulator; each may throw, and is awaited. */
export interface AppendFaults {
  /** Throws: nothing is written, the outcome is `failed`. */
  beforeCommit?(desks: DeskAppend[]): Promise<void> | void;
  /** Throws: everything is written, but the answer is lost and the outcome is `unknown`. */
  afterCommit?(desks: DeskAppend[]): Promise<void> | void;
}

/**
 * The event log in memory, of one shared store. Several logs, each with its own faults, may stand for the processes
 * of one deployment.
 */
export class MemoryDeskLog implements DeskLog {
  readonly #store: MemoryStore;
  readonly #faults: AppendFaults;

  constructor(store: MemoryStore, faults: AppendFaults = {}) {
    this.#store = store;
    this.#faults = faults;
  }

  async epoch(): Promise<string> {
    return this.#store.epoch;
  }

  async restoredAt(): Promise<number | null> {
    return this.#store.restoredAt;
  }

  async append(lease: LeaseProof, desks: DeskAppend[]): Promise<AppendOutcome> {
    const problem = appendProblem(desks);
    if (problem !== undefined) return { outcome: 'failed', message: problem };
    try {
      await this.#faults.beforeCommit?.(desks);
    } catch (error) {
      return { outcome: 'failed', message: String(error) };
    }
    const refusal = this.#refusal(lease, desks);
    if (refusal !== undefined) return refusal;
    for (const desk of desks) this.#write(lease.shard, desk);
    try {
      await this.#faults.afterCommit?.(desks);
    } catch (error) {
      return { outcome: 'unknown', message: String(error) };
    }
    return { outcome: 'committed' };
  }

  async heads(deskIds?: string[]): Promise<Map<string, number>> {
    const wanted = deskIds ?? [...this.#store.desks.keys()];
    const heads = new Map<string, number>();
    for (const deskId of wanted) {
      const desk = this.#store.desks.get(deskId);
      if (desk !== undefined) heads.set(deskId, desk.events.length);
    }
    return heads;
  }

  async read(deskId: string, after: number, limit: number): Promise<StoredEvent[]> {
    const events = this.#store.desks.get(deskId)?.events ?? [];
    return events.slice(after, after + limit).map((event) => ({ ...event }));
  }

  async snapshot(deskId: string): Promise<StoredSnapshot | undefined> {
    const snapshot = this.#store.desks.get(deskId)?.snapshot;
    return snapshot === undefined ? undefined : { ...snapshot };
  }

  async snapshots(deskIds: string[]): Promise<StoredSnapshot[]> {
    const all = await Promise.all(deskIds.map((deskId) => this.snapshot(deskId)));
    return all.filter((snapshot) => snapshot !== undefined);
  }

  async readAll(desks: { deskId: string; after: number }[], limit: number): Promise<StoredEvent[]> {
    return (await Promise.all(desks.map(({ deskId, after }) => this.read(deskId, after, limit)))).flat();
  }

  async desksOfShard(shard: number): Promise<string[]> {
    const own = [...this.#store.desks].filter(([, desk]) => desk.shard === shard);
    return own.map(([deskId]) => deskId).sort();
  }

  async awakeDesks(shard: number): Promise<string[]> {
    const awake = [...this.#store.desks].filter(([, desk]) => desk.shard === shard && desk.awake);
    return awake.map(([deskId]) => deskId).sort();
  }

  async deskOfAccount(accountId: string): Promise<string | undefined> {
    for (const [deskId, { accounts }] of this.#store.desks)
      if (accounts.some((entry) => entry.accountId === accountId)) return deskId;
    return undefined;
  }

  async accounts(shard: number, { after, limit, asleepAt }: AccountsPage): Promise<DirectoryEntry[]> {
    return [...this.#store.desks.values()]
      .filter((desk) => desk.shard === shard && !(asleepAt !== null && desk.awake))
      .flatMap((desk) => desk.accounts)
      .filter(({ accountId, venue }) => accountId > after && (asleepAt ?? venue) === venue)
      .sort((a, b) => (a.accountId < b.accountId ? -1 : 1))
      .slice(0, limit)
      .map((entry) => ({ ...entry }));
  }

  async command(userId: string, commandId: string): Promise<CommandRecord | undefined> {
    const record = this.#store.commands.get(commandKey(userId, commandId));
    return record === undefined ? undefined : { ...record };
  }

  async pruneCommands(before: number): Promise<number> {
    const old = [...this.#store.commands].filter(([, record]) => record.createdAt < before);
    for (const [key] of old) this.#store.commands.delete(key);
    return old.length;
  }

  #refusal(lease: LeaseProof, desks: DeskAppend[]): AppendOutcome | undefined {
    if (this.#store.leases.get(lease.shard)?.token !== lease.token) return { outcome: 'lease_lost' };
    for (const { deskId, expectedSeq } of desks) {
      const present = this.#store.desks.get(deskId);
      const head = present?.events.length ?? 0;
      const foreign = present !== undefined && present.shard !== lease.shard;
      if (head !== expectedSeq || foreign) return { outcome: 'conflict', deskId };
    }
    const keys = new Set(this.#store.commands.keys());
    for (const { deskId, commands } of desks) {
      for (const { userId, commandId } of commands) {
        const key = commandKey(userId, commandId);
        if (keys.has(key)) return { outcome: 'conflict', deskId };
        keys.add(key);
      }
    }
    return undefined;
  }

  #write(shard: number, append: DeskAppend): void {
    const desk = this.#store.desk(append.deskId, shard);
    desk.events.push(...append.events.map((event) => ({ ...event })));
    for (const command of append.commands) {
      this.#store.commands.set(commandKey(command.userId, command.commandId), { ...command });
    }
    if (append.snapshot !== undefined && append.snapshot.seq >= (desk.snapshot?.seq ?? 0)) {
      desk.snapshot = { ...append.snapshot };
    }
    desk.history.add(append.projections);
    desk.awake = append.awake;
    if (append.accounts !== undefined) desk.accounts = append.accounts.map((entry) => ({ ...entry }));
  }
}

function commandKey(userId: string, commandId: string): string {
  return JSON.stringify([userId, commandId]);
}
