import { systemClock } from '../adapters/clock/systemClock.ts';
import { PostgresDeskLog } from '../adapters/postgres/deskLog.ts';
import { PostgresHistory } from '../adapters/postgres/history.ts';
import { PostgresIdentityStore } from '../adapters/postgres/identityStore.ts';
import { openPostgres } from '../adapters/postgres/openPostgres.ts';
import { PostgresSealedKeyRows } from '../adapters/postgres/sealedKeyRows.ts';
import { PostgresShardLeases } from '../adapters/postgres/shardLeases.ts';
import { testDatabase } from './postgres.ts';
import { RecordingLogger } from './recordingLogger.ts';

/** All storage adapters on a database of their own. */
export async function openPostgresStorage() {
  const database = await testDatabase();
  const client = openPostgres(database.url, { logger: new RecordingLogger() });
  return {
    url: database.url,
    sql: client.sql,
    log: new PostgresDeskLog(client.sql),
    leases: new PostgresShardLeases(client.sql, systemClock),
    history: new PostgresHistory(client.db),
    rows: new PostgresSealedKeyRows(client.db),
    store: new PostgresIdentityStore(client.db),
    /** Lets the shard's lease end now. */
    expire: async (shard: number): Promise<void> => {
      await client.sql`update lease set expires_at = now() - interval '1 second' where shard = ${shard}`;
    },
    close: async (): Promise<void> => {
      await client.close();
      await database.drop();
    },
  };
}
