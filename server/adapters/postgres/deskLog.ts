import { randomBytes } from 'node:crypto';
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
import { appendRows } from './appendRows.ts';
import type { Sql } from './openPostgres.ts';

/** Raised by the function `append_batch`. */
const LEASE_LOST = 'FW001';
const CONFLICT = 'FW002';
/** The statement never reached the server: there was no connection to send it on. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'CONNECT_TIMEOUT',
  'CONNECTION_ENDED',
]);
/** The server refused the connection itself. */
const NOT_ADMITTED: ReadonlySet<string> = new Set(['57P03', '53300', '28P01', '28000', '3D000']);
/** The server stopped while it may have been committing. */
const CUT_OFF = /^(57P0[12]|08...|40003)$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** It answers and cannot write: out of disk or memory, an I/O error, read-only. Nothing in the batch is to blame. */
const REFUSES_WRITES = /^(53...|58...|25006)$/;

/** The event log in PostgreSQL. */
export class PostgresDeskLog implements DeskLog {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async epoch(): Promise<string> {
    const fresh = randomBytes(9).toString('base64url');
    await this.#sql`insert into deployment (id, epoch) values (1, ${fresh}) on conflict do nothing`;
    const [row] = await this.#sql<{ epoch: string }[]>`select epoch from deployment where id = 1`;
    if (row === undefined) throw new Error('the table deployment is empty');
    return row.epoch;
  }

  async restoredAt(): Promise<number | null> {
    const [row] = await this.#sql<
      { at: number | null }[]
    >`select restored_at as at from deployment where id = 1`;
    return row?.at ?? null;
  }

  async append(lease: LeaseProof, desks: DeskAppend[]): Promise<AppendOutcome> {
    const problem = appendProblem(desks);
    if (problem !== undefined) return { outcome: 'failed', message: problem };
    const events = desks.flatMap((desk) => desk.events);
    const rows = appendRows(desks);
    try {
      // One statement is one transaction; it also leaves no gap in which a lost connection could be replaced by a
      // new one in the middle of it.
      await this.#sql`select append_batch(
        ${lease.shard}, ${lease.token.toString()}::bigint,
        string_to_array(${lines(desks.map((desk) => desk.deskId))}, E'\\n'),
        ${arrayLiteral(desks.map((desk) => desk.expectedSeq))}::text::bigint[],
        ${arrayLiteral(desks.map((desk) => desk.expectedSeq + desk.events.length))}::text::bigint[],
        string_to_array(${lines(events.map((event) => event.deskId))}, E'\\n'),
        ${arrayLiteral(events.map((event) => event.seq))}::text::bigint[],
        ${arrayLiteral(events.map((event) => event.version))}::text::integer[],
        string_to_array(${lines(events.map((event) => event.kind))}, E'\\n'),
        ${arrayLiteral(events.map((event) => event.ts))}::text::bigint[],
        string_to_array(${lines(events.map((event) => event.body))}, E'\\n'),
        ${rows.commands}::text::json, ${rows.snapshots}::text::json, ${rows.orders}::text::json,
        ${rows.fills}::text::json, ${rows.trades}::text::json, ${rows.bills}::text::json, ${rows.equity}::text::json,
        ${rows.accounts}::text::json, ${arrayLiteral(desks.map((desk) => Number(desk.awake)))}::text::integer[]
      )`;
      return { outcome: 'committed' };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  async heads(deskIds?: string[]): Promise<Map<string, number>> {
    const rows =
      deskIds === undefined
        ? await this.#sql<HeadRow[]>`select desk_id, head from desk`
        : await this.#sql<HeadRow[]>`select desk_id, head from desk where desk_id = any(${deskIds}::text[])`;
    return new Map(rows.map((row) => [row.desk_id, row.head]));
  }

  async read(deskId: string, after: number, limit: number): Promise<StoredEvent[]> {
    const rows = await this.#sql<StoredEvent[]>`
      select desk_id as "deskId", seq, version, kind, ts, body from event
      where desk_id = ${deskId} and seq > ${after} order by seq limit ${limit}`;
    return [...rows];
  }

  async snapshot(deskId: string): Promise<StoredSnapshot | undefined> {
    const [row] = await this.#sql<StoredSnapshot[]>`
      select desk_id as "deskId", seq, version, state, view from snapshot where desk_id = ${deskId}`;
    return row;
  }

  async snapshots(deskIds: string[]): Promise<StoredSnapshot[]> {
    const rows = await this.#sql<StoredSnapshot[]>`
      select desk_id as "deskId", seq, version, state, view from snapshot where desk_id = any(${deskIds}::text[])`;
    return [...rows];
  }

  async readAll(desks: { deskId: string; after: number }[], limit: number): Promise<StoredEvent[]> {
    const rows = await this.#sql<StoredEvent[]>`
      select e.desk_id as "deskId", e.seq, e.version, e.kind, e.ts, e.body
      from unnest(${desks.map(({ deskId }) => deskId)}::text[],
        ${arrayLiteral(desks.map(({ after }) => after))}::text::bigint[]) as w(desk_id, after)
      cross join lateral (
        select * from event where event.desk_id = w.desk_id and event.seq > w.after order by event.seq limit ${limit}
      ) e order by e.desk_id, e.seq`;
    return [...rows];
  }

  async desksOfShard(shard: number): Promise<string[]> {
    const rows = await this.#sql<
      { desk_id: string }[]
    >`select desk_id from desk where shard = ${shard} order by desk_id`;
    return rows.map((row) => row.desk_id);
  }

  async awakeDesks(shard: number): Promise<string[]> {
    const rows = await this.#sql<
      { desk_id: string }[]
    >`select desk_id from desk where shard = ${shard} and awake order by desk_id`;
    return rows.map((row) => row.desk_id);
  }

  async deskOfAccount(accountId: string): Promise<string | undefined> {
    const [row] = await this.#sql<
      { desk_id: string }[]
    >`select desk_id from account where account_id = ${accountId}`;
    return row?.desk_id;
  }

  async accounts(shard: number, { after, limit, asleepAt }: AccountsPage): Promise<DirectoryEntry[]> {
    const rows = await this.#sql<DirectoryEntry[]>`
      select a.account_id as "accountId", a.name, a.desk_id as "deskId", a.venue, a.book
      from account a join desk d on d.desk_id = a.desk_id
      where a.account_id > ${after} and d.shard = ${shard} and (${asleepAt}::text is null or (a.venue = ${asleepAt} and not d.awake))
      order by a.account_id limit ${limit}`;
    return [...rows];
  }

  async command(userId: string, commandId: string): Promise<CommandRecord | undefined> {
    const [row] = await this.#sql<CommandRecord[]>`
      select user_id as "userId", command_id as "commandId", args_hash as "argsHash", reply, created_at as "createdAt"
      from command_result where user_id = ${userId} and command_id = ${commandId}`;
    return row;
  }

  async pruneCommands(before: number): Promise<number> {
    const result = await this.#sql`delete from command_result where created_at < ${before}`;
    return result.count;
  }
}

/**
 * Texts as one text, which costs a fraction of an array whose every quote must be escaped. Ids, kinds and JSON text
 * have no line breaks; one that had any would make the arrays differ in length, which the table refuses.
 */
function lines(values: string[]): string {
  return values.join('\n');
}

function arrayLiteral(values: number[]): string {
  return `{${values.join(',')}}`;
}

interface HeadRow {
  desk_id: string;
  head: number;
}

function outcomeOf(error: unknown): AppendOutcome {
  const { code, detail, message } = error as { code?: string; detail?: string; message?: string };
  const text = message ?? String(error);
  if (code === LEASE_LOST) return { outcome: 'lease_lost' };
  if (code === CONFLICT) return { outcome: 'conflict', deskId: detail ?? '' };
  if (code !== undefined && (NEVER_SENT.has(code) || NOT_ADMITTED.has(code)))
    return { outcome: 'failed', message: text, away: 'unreachable' };
  if (code !== undefined && REFUSES_WRITES.test(code))
    return { outcome: 'failed', message: text, away: 'refuses_writes' };
  // A server that answers with an error has rolled back, unless it was being cut off.
  if (code !== undefined && SQLSTATE.test(code) && !CUT_OFF.test(code))
    return { outcome: 'failed', message: text };
  return { outcome: 'unknown', message: text };
}
