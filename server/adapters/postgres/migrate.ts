import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** Any constant will do, as long as every version uses the same. */
const MIGRATION_LOCK = 7_209_461_205n;

/**
 * Brings the database to this version's schema; of several processes starting at once one does it, the others wait.
 *
 * @param folder the migrations folder with drizzle's journal in it.
 */
export async function migrate(url: string, folder: string): Promise<void> {
  // One connection: the lock belongs to its session and ends with it, also when this process dies.
  const client = postgres(url, { max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK.toString()}::bigint)`;
    await runMigrations(drizzle(client), { migrationsFolder: folder });
  } finally {
    await client.end({ timeout: 5 });
  }
}
