import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { type BackupHeader, type BackupRecord, countRows, readRecords, verifyFile } from './backupFile.ts';
import { type TableContent, USER_SCHEMA } from './catalog.ts';
import { literal, quoted, SoleConnection } from './soleConnection.ts';

const LOCK_TIMEOUT_MS = 10_000;

export interface RestoreOptions {
  url: string;
  file: string;
  /** Removes whatever the database contains; otherwise it must be empty. */
  replace: boolean;
  /** Wall time, ms. */
  now: number;
  /** After each table. */
  onProgress?: (table: string, rows: number) => void;
}

export interface RestoreResult {
  /** When the backup was made. */
  createdAt: number;
  tables: number;
  rows: number;
  /** The new one. */
  epoch: string;
}

/**
 * Makes the database what it was when the backup was made, in one transaction: on any error it is as before. The log
 * gets a new epoch, since what happened after the backup is forgotten, and desks start latched.
 *
 * @throws Error for a damaged file, a database that is not empty, or one that a running Fillwire holds.
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const end = await verifyFile(options.file);
  const connection = new SoleConnection(options.url);
  try {
    await connection.run('begin');
    await connection.run(
      `set local lock_timeout = ${LOCK_TIMEOUT_MS}; set local check_function_bodies = off`,
    );
    await clearDatabase(connection, options.replace);
    const result = await loadRecords(connection, readRecords(options.file, end), options);
    const epoch = await renewIdentity(connection, options.now);
    await connection.run('commit');
    await connection.run('analyze');
    return { ...result, epoch };
  } finally {
    await connection.close();
  }
}

async function clearDatabase(connection: SoleConnection, replace: boolean): Promise<void> {
  const tables = await connection.query<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'p', 'f', 'S') and ${connection.query.unsafe(USER_SCHEMA)}`;
  if (tables.length > 0 && !replace) {
    throw new Error(
      'the database is not empty: restore into an empty one, or give --replace to lose what it contains',
    );
  }
  if (tables.some((table) => table.name === 'public.lease')) await refuseWhileHeld(connection);
  const schemas = await connection.query<{ name: string }[]>`
    select n.nspname as name from pg_namespace n where ${connection.query.unsafe(USER_SCHEMA)}`;
  for (const schema of schemas) await connection.run(`drop schema ${quoted(schema.name)} cascade`);
  await connection.run('create schema public');
}

/** A living Fillwire keeps its leases; the lock keeps one from starting in the meantime. */
async function refuseWhileHeld(connection: SoleConnection): Promise<void> {
  await connection.run('lock table public.lease in access exclusive mode');
  const [held] = await connection.query<{ owner: string }[]>`
    select owner from public.lease where expires_at > clock_timestamp() limit 1`;
  if (held === undefined) return;
  throw new Error(`Fillwire is running on this database (${held.owner}): stop it first`);
}

async function loadRecords(
  connection: SoleConnection,
  records: AsyncGenerator<BackupRecord>,
  options: RestoreOptions,
): Promise<Omit<RestoreResult, 'epoch'>> {
  let header: BackupHeader | undefined;
  let target: CopyIn | undefined;
  const counts: number[] = [];
  const finishTable = async (): Promise<void> => {
    if (target === undefined) return;
    const { name, rows } = await target.finish();
    target = undefined;
    counts.push(rows);
    options.onProgress?.(name, rows);
  };
  for await (const record of records) {
    if ('rows' in record) {
      await target?.write(record.rows);
      continue;
    }
    const { json } = record;
    if (json.kind === 'header') {
      header = json;
      for (const statement of json.structure.before) await connection.run(statement);
    } else if (json.kind === 'table') {
      await finishTable();
      const table = header?.structure.tables[json.index];
      if (table === undefined) throw new Error('the backup has rows of a table it does not describe');
      target = await CopyIn.open(connection, table);
    } else {
      await finishTable();
      if (json.rows.join() !== counts.join()) throw new Error('the backup does not have the rows it says');
      for (const statement of header?.structure.after ?? []) await connection.run(statement);
      return {
        createdAt: header?.createdAt ?? 0,
        tables: counts.length,
        rows: counts.reduce((sum, rows) => sum + rows, 0),
      };
    }
  }
  throw new Error('the backup has no end');
}

/** Rows on their way into one table. */
class CopyIn {
  readonly #connection: SoleConnection;
  readonly #name: string;
  readonly #stream: Writable;
  #rows = 0;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  private constructor(connection: SoleConnection, name: string, stream: Writable) {
    this.#connection = connection;
    this.#name = name;
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error = error;
    });
    for (const event of ['drain', 'close']) stream.on(event, () => this.#wake?.());
  }

  static async open(connection: SoleConnection, table: TableContent): Promise<CopyIn> {
    const columns = table.columns.map((column) => quoted(column)).join(', ');
    const name = quoted(table.schema, table.name);
    const stream = await connection.query.unsafe(`copy ${name} (${columns}) from stdin`).writable();
    return new CopyIn(connection, `${table.schema}.${table.name}`, stream);
  }

  async write(rows: Buffer): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    this.#rows += countRows(rows);
    if (this.#stream.write(rows)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** The driver's stream never ends when the server refuses the rows: the next statement tells. */
  async finish(): Promise<{ name: string; rows: number }> {
    this.#stream.end();
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      try {
        await this.#connection.run('select 1');
        return { name: this.#name, rows: this.#rows };
      } catch (error) {
        if ((error as { code?: string }).code !== 'COPY_IN_PROGRESS') {
          throw new Error(`${this.#name} could not be filled: ${String(error)}`);
        }
        await new Promise(setImmediate);
      }
    }
  }
}

/** What venues did since is not in here: each desk asks for it at the start. A backup of an older server does not know of it. */
const WAKE_ALL = `do $$ begin
  if exists (select from information_schema.columns
    where table_schema = 'public' and table_name = 'desk' and column_name = 'awake')
  then update public.desk set awake = true; end if; end $$`;

/** A new epoch, and tokens greater than any that a process of the former log can still have. */
async function renewIdentity(connection: SoleConnection, now: number): Promise<string> {
  const epoch = randomBytes(9).toString('base64url');
  await connection.run(`
    insert into public.deployment (id, epoch, restored_at) values (1, ${literal(epoch)}, ${Math.trunc(now)})
      on conflict (id) do update set epoch = excluded.epoch, restored_at = excluded.restored_at;
    update public.lease set token = greatest(token, ${Math.trunc(now)}) + 1, expires_at = clock_timestamp();
    ${WAKE_ALL}`);
  return epoch;
}
