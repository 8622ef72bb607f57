import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { migrate } from '../adapters/postgres/migrate.ts';
import { askAt } from './runBroker.ts';

export const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
const TEMPLATE_LOCK = '7209461299';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A database of its own on the run's real PostgreSQL: migrated unless `empty`. Takes some tens of milliseconds. */
export async function testDatabase(content: 'migrated' | 'empty' = 'migrated'): Promise<TestDatabase> {
  const serverUrl = await testServerUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = content === 'migrated' ? await migratedTemplate(serverUrl) : 'template0';
  await onServer(serverUrl, (sql) => sql.unsafe(`create database ${name} template ${template}`));
  return {
    url: databaseUrl(serverUrl, name),
    drop: () => onServer(serverUrl, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`)),
  };
}

/** Any database of the server all test files share; for what needs a server and no schema. */
export async function testServerUrl(): Promise<string> {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined) return given;
  const path = process.env.TEST_DATABASE_BROKER;
  if (path === undefined)
    throw new Error('run by vitest with server/testing/globalSetup.ts, or set TEST_DATABASE_URL');
  return askAt(path);
}

/** The same server, another database. */
function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Migrated once per state of the migrations; being marked as a template says that it is complete. */
async function migratedTemplate(serverUrl: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    hash.update(file).update(readFileSync(join(MIGRATIONS, file)));
  }
  const name = `template_${hash.digest('hex').slice(0, 16)}`;
  await onServer(serverUrl, async (sql) => {
    await sql`select pg_advisory_lock(${TEMPLATE_LOCK}::bigint)`;
    const [row] = await sql<{ complete: boolean }[]>`
      select datistemplate as complete from pg_database where datname = ${name}`;
    if (row?.complete === true) return;
    await sql.unsafe(`drop database if exists ${name} with (force)`);
    await sql.unsafe(`create database ${name} template template0`);
    await migrate(databaseUrl(serverUrl, name), MIGRATIONS);
    await sql.unsafe(`alter database ${name} is_template true`);
  });
  return name;
}

async function onServer(url: string, run: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    await run(sql);
  } finally {
    await sql.end();
  }
}
