import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { clientUrl } from './clientUrl.ts';

/** A database that does not answer within this is away, seconds. */
const PATIENCE_S = 3;
/** A holder that lives renews more often than this, ms. */
const RENEWED_WITHIN_MS = 4_000;
const LOOK_EVERY_MS = 250;

export type LeaseHolder =
  /** `owner` lives: it renewed its lease while we watched. */
  | { state: 'alive'; owner: string }
  /** Nobody has it, or whoever had it renews it no more. */
  | { state: 'nobody' }
  /** The database cannot be asked: then nobody can write there either. */
  | { state: 'away'; detail: string };

/** Whether a living server holds the desks of a shard. Takes some seconds when a lease has not ended. */
export async function findLeaseHolder(databaseUrl: string, shard: number): Promise<LeaseHolder> {
  const { url, ...socket } = clientUrl(databaseUrl);
  const sql = postgres(url, { ...socket, max: 1, connect_timeout: PATIENCE_S, onnotice: () => {} });
  try {
    return await Promise.race([watch(sql, shard), tooLate()]);
  } catch (error) {
    // A database without our tables belongs to no server of ours.
    if ((error as { code?: string }).code === '42P01') return { state: 'nobody' };
    return { state: 'away', detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await sql.end({ timeout: 0 }).catch(() => {});
  }
}

async function watch(sql: postgres.Sql, shard: number): Promise<LeaseHolder> {
  const look = async () => {
    const [row] = await sql<{ owner: string; ends: string; isOver: boolean }[]>`
      select owner, expires_at::text as ends, expires_at <= clock_timestamp() as "isOver"
      from lease where shard = ${shard}`;
    return row;
  };
  const first = await look();
  for (let waited = 0; waited < RENEWED_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const now = waited === 0 ? first : await look();
    if (now === undefined || now.isOver) return { state: 'nobody' };
    if (now.ends !== first?.ends) return { state: 'alive', owner: now.owner };
    await pause(LOOK_EVERY_MS);
  }
  return { state: 'nobody' };
}

async function tooLate(): Promise<LeaseHolder> {
  await pause(RENEWED_WITHIN_MS + PATIENCE_S * 1_000, undefined, { ref: false });
  return { state: 'away', detail: 'it does not answer' };
}
