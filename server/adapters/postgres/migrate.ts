import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { clientUrl } from './clientUrl.ts';

/** Any constant will do, as long as every version uses the same. */
const MIGRATION_LOCK = 7_209_461_205n;

/**
 * Brings the database to this version's schema; of several processes starting at once one does it, the others wait.
 *
 * @param folder the migrations folder with drizzle's journal in it.
 * @throws Error when a newer version has migrated the database already.
 */
export async function migrate(databaseUrl: string, folder: string): Promise<void> {
  const { url, ...socket } = clientUrl(databaseUrl);
  // One connection: the lock belongs to its session and ends with it, also when this process dies.
  const client = postgres(url, { ...socket, max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK.toString()}::bigint)`;
    await refuseNewer(client, folder);
    await runMigrations(drizzle(client), { migrationsFolder: folder });
  } finally {
    await client.end({ timeout: 5 });
  }
}

async function refuseNewer(client: postgres.Sql, folder: string): Promise<void> {
  const [present] = await client`select where to_regclass('drizzle.__drizzle_migrations') is not null`;
  if (present === undefined) return;
  const [row] = await client<
    { at: string | null }[]
  >`select max(created_at)::text as at from drizzle.__drizzle_migrations`;
  const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as {
    entries: { when: number }[];
  };
  const newest = Math.max(...journal.entries.map((entry) => entry.when));
  if (Number(row?.at ?? 0) <= newest) return;
  throw new Error(
    'the database was migrated by a newer version of Fillwire: start that version, or restore a backup',
  );
}
