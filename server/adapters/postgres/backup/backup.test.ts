import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MIGRATIONS, type TestDatabase, testDatabase } from '../../../testing/postgres.ts';
import { openPostgresStorage } from '../../../testing/postgresStorage.ts';
import { sampleAppend, sampleBill, sampleFill, sampleOrder } from '../../../testing/storedSamples.ts';
import { PostgresDeskLog } from '../deskLog.ts';
import { migrate } from '../migrate.ts';
import type { Sql } from '../openPostgres.ts';
import { backup } from './backup.ts';
import { restore } from './restore.ts';

const NOW = Date.UTC(2026, 5, 1);

describe('backup and restore', () => {
  let folder: string;
  let source: Awaited<ReturnType<typeof openPostgresStorage>>;
  let targets: TestDatabase[] = [];
  let clients: postgres.Sql[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fillwire-backup-'));
    source = await openPostgresStorage();
    await fill(source);
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await Promise.all(targets.map((target) => target.drop()));
    clients = [];
    targets = [];
  });
  afterAll(async () => {
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function target(content: 'migrated' | 'empty'): Promise<{ url: string; sql: Sql }> {
    const database = await testDatabase(content);
    targets.push(database);
    const sql = postgres(database.url, {
      onnotice: () => undefined,
      types: { int8: { to: 20, from: [20], parse: Number, serialize: String } },
    });
    clients.push(sql);
    return { url: database.url, sql };
  }

  async function freshBackup(name: string): Promise<string> {
    const file = join(folder, name);
    await backup({ url: source.url, file, now: NOW });
    return file;
  }

  test('[BACKUP-1] every table of every schema comes back row for row, with its structure', async () => {
    const file = await freshBackup('whole');
    const { url, sql } = await target('empty');
    const result = await restore({ url, file, replace: false, now: NOW + 1 });
    expect(result.createdAt).toBe(NOW);
    expect(await contents(sql, ['deployment', 'lease'])).toEqual(
      await contents(source.sql, ['deployment', 'lease']),
    );
    expect(await structure(sql)).toEqual(await structure(source.sql));
    expect((await sql`select nextval('venue_sim.counter') as n`)[0]).toEqual({ n: 8 });
  });

  test('[BACKUP-2] a restored log has a new epoch and says when; its leases are free and their tokens greater', async () => {
    const file = await freshBackup('identity');
    const { url, sql } = await target('migrated');
    const { epoch } = await restore({ url, file, replace: true, now: NOW + 1 });
    const log = new PostgresDeskLog(sql);
    expect(epoch).not.toBe(await source.log.epoch());
    expect(await log.epoch()).toBe(epoch);
    expect(await log.restoredAt()).toBe(NOW + 1);
    const stale = { shard: 1, token: 5n };
    expect(await log.append(stale, [sampleAppend('d1', 300, 1)])).toEqual({ outcome: 'lease_lost' });
    const [lease] =
      await sql`select token::text, expires_at <= clock_timestamp() as free from lease where shard = 1`;
    expect(lease).toEqual({ token: String(NOW + 2), free: true });
    await migrate(url, MIGRATIONS);
    expect(await log.epoch()).toBe(epoch);
  });

  test('[BACKUP-3] the backup is of one instant while others go on writing', async () => {
    const lease = await source.leases.acquire(1, 'backup test', 60_000);
    if (lease === undefined) throw new Error('the lease is taken');
    const file = join(folder, 'instant');
    let head = (await source.log.heads(['busy'])).get('busy') ?? 0;
    const write = async () => {
      const projections = {
        orders: [],
        fills: [],
        trades: [],
        equity: [],
        bills: [sampleBill(`b${head + 1}`)],
      };
      await source.log.append(lease, [sampleAppend('busy', head, 1, { projections })]);
      head += 1;
    };
    // The backup's instant may come before anything the writer writes.
    await write();
    let running = true;
    const writer = (async () => {
      while (running) await write();
    })();
    await backup({ url: source.url, file, now: NOW });
    running = false;
    await writer;
    await source.leases.release(lease);
    const { url, sql } = await target('empty');
    await restore({ url, file, replace: false, now: NOW });
    const [counts] = await sql`
      select (select head from desk where desk_id = 'busy') as head,
        (select count(*) from event where desk_id = 'busy') as events,
        (select count(*) from bill_history where desk_id = 'busy') as bills`;
    expect(counts?.events).toBe(counts?.head);
    expect(counts?.bills).toBe(counts?.head);
  });

  test('[BACKUP-4] a damaged, cut off or foreign file is refused and nothing is changed', async () => {
    const file = await freshBackup('damaged');
    const whole = readFileSync(file);
    const flipped = Buffer.from(whole);
    flipped[Math.floor(whole.length / 2)] = (flipped[Math.floor(whole.length / 2)] ?? 0) ^ 1;
    const { url, sql } = await target('migrated');
    await sql`insert into deployment (id, epoch) values (1, 'untouched')`;
    const bad: [Buffer, RegExp][] = [
      [flipped, /damaged/],
      [whole.subarray(0, whole.length - 100), /damaged/],
      [whole.subarray(0, 30), /damaged/],
      [Buffer.from('something else entirely, long enough to be read as a file'), /not a Fillwire backup/],
      [Buffer.from('FILLWIRE-BACKUP 2\n and whatever follows'), /another version/],
      [Buffer.alloc(0), /not a Fillwire backup/],
    ];
    for (const [content, message] of bad) {
      writeFileSync(file, content);
      await expect(restore({ url, file, replace: true, now: NOW })).rejects.toThrow(message);
    }
    expect((await sql`select epoch from deployment`)[0]).toEqual({ epoch: 'untouched' });
  });

  test('[BACKUP-5] a database with content is replaced only when told so', async () => {
    const file = await freshBackup('replace');
    const { url, sql } = await target('migrated');
    await sql`create schema other`;
    await sql`create table other.thing (id int)`;
    await expect(restore({ url, file, replace: false, now: NOW })).rejects.toThrow('--replace');
    expect(await sql`select * from other.thing`).toHaveLength(0);
    await restore({ url, file, replace: true, now: NOW });
    expect(await sql`select from pg_namespace where nspname = 'other'`).toHaveLength(0);
  });

  test('[BACKUP-6] a database that a running server holds is not replaced', async () => {
    const file = await freshBackup('held');
    const { url, sql } = await target('migrated');
    await sql`insert into lease values (3, 'server one', 1, now() + interval '1 minute')`;
    await expect(restore({ url, file, replace: true, now: NOW })).rejects.toThrow('server one');
    expect(await sql`select owner from lease`).toEqual([{ owner: 'server one' }]);
  });

  test('[BACKUP-7] a restore that fails in the middle leaves the database as it was', async () => {
    const file = await freshBackup('middle');
    const { url, sql } = await target('migrated');
    await sql`insert into deployment (id, epoch) values (1, 'untouched')`;
    const interrupted = restore({
      url,
      file,
      replace: true,
      now: NOW,
      onProgress: (table) => {
        if (table === 'public.event') throw new Error('interrupted');
      },
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect((await sql`select epoch from deployment`)[0]).toEqual({ epoch: 'untouched' });
  });

  test('[BACKUP-8] a file is never overwritten, is private, and a failed backup leaves none', async () => {
    const file = await freshBackup('once');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(backup({ url: source.url, file, now: NOW })).rejects.toThrow('exists already');
    const empty = await target('empty');
    await expect(backup({ url: empty.url, file: join(folder, 'none'), now: NOW })).rejects.toThrow(
      'not a database of Fillwire',
    );
    const { url, sql } = await target('migrated');
    await sql`create view strange as select 1 as one`;
    await expect(backup({ url, file: join(folder, 'none'), now: NOW })).rejects.toThrow(
      'view public.strange',
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('none'))).toEqual([]);
  });
});

/** Rows of every kind, with text that is hard to copy, and a schema that is not ours. */
async function fill(storage: Awaited<ReturnType<typeof openPostgresStorage>>): Promise<void> {
  const lease = await storage.leases.acquire(1, 'fill', 60_000);
  if (lease === undefined) throw new Error('the lease is taken');
  await storage.log.epoch();
  const hard = 'tab\t newline\n \\. \\N backslash \\\\ Ä漢 "quoted"';
  const projections = {
    orders: [sampleOrder('o1', { slot: hard })],
    fills: [sampleFill('f1')],
    bills: [sampleBill('b1', { symbol: null })],
    trades: [],
    equity: [],
  };
  const snapshot = { deskId: 'd1', seq: 300, version: 1, state: JSON.stringify({ hard }), view: '{}' };
  await storage.log.append(lease, [
    sampleAppend('d1', 0, 300, { projections, snapshot }),
    sampleAppend('d2', 0, 1),
  ]);
  await storage.leases.release(lease);
  await storage.store.createUser({ userId: 'u1', email: 'a@b.c', passwordHash: hard, createdAt: 1 });
  await storage.sql.unsafe(`
    create schema venue_sim;
    create sequence venue_sim.counter start with 7;
    select nextval('venue_sim.counter');
    create table venue_sim.account (id bigserial primary key, name text not null unique, raw bytea, amount numeric(20, 4),
      at timestamptz default now(), tags text[], doc jsonb, doubled numeric generated always as (amount * 2) stored,
      constraint positive check (amount > 0)) with (fillfactor = 70);
    create table venue_sim."Odd ""name" (account bigint references venue_sim.account (id) on delete cascade, "a,b" int);
    create index odd_index on venue_sim."Odd ""name" (account desc) where "a,b" is not null;
    insert into venue_sim.account (name, raw, amount, tags, doc)
      values ('x', '\\x00ff0a5c', 1.25, array['a', null, 'b,c'], '{"k": [1, null]}'), (E'\\\\.\\n', null, 2, null, null);
    insert into venue_sim."Odd ""name" values (1, null), (2, 3);
  `);
}

async function tableNames(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
    where schemaname !~ '^pg_' and schemaname <> 'information_schema' order by 1`;
  return rows.map((row) => row.name);
}

async function contents(sql: Sql, except: string[]): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for (const name of await tableNames(sql)) {
    if (except.some((table) => name === `public.${table}`)) continue;
    all[name] = [...(await sql.unsafe(`select t::text from ${name} t order by 1`))];
  }
  return all;
}

async function structure(sql: Sql): Promise<unknown> {
  const rows = await sql`
    select table_schema || '.' || table_name || '.' || column_name as what,
      concat_ws(' ', data_type, collation_name, column_default, is_nullable, generation_expression) as definition
    from information_schema.columns where table_schema !~ '^pg_' and table_schema <> 'information_schema'
    union all select conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) from pg_constraint
      where connamespace::regnamespace::text !~ '^(pg_|information_schema)'
    union all select indexname, indexdef from pg_indexes where schemaname !~ '^pg_'
    union all select proname, pg_get_functiondef(oid) from pg_proc
      where pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
    union all select relname, reloptions::text from pg_class where relkind = 'r' and reloptions is not null
    order by 1, 2`;
  return [...rows];
}
