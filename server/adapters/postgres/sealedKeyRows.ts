import { and, eq, ne, sql } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { SealedKeyRows, SealedKeys } from '../../ports/venueKeys.ts';
import { venueKey } from './schema/keys.ts';

/** Sealed keys in PostgreSQL. */
export class PostgresSealedKeyRows implements SealedKeyRows {
  readonly #db: PostgresJsDatabase;

  constructor(db: PostgresJsDatabase) {
    this.#db = db;
  }

  async put(row: SealedKeys): Promise<boolean> {
    const { accountId: _, ...set } = row;
    const written = await this.#db
      .insert(venueKey)
      .values(row)
      .onConflictDoUpdate({
        target: venueKey.accountId,
        set,
        setWhere: sql`${venueKey.userId} = excluded.user_id`,
      })
      .returning({ accountId: venueKey.accountId });
    return written.length === 1;
  }

  async get(accountId: string): Promise<SealedKeys | undefined> {
    const [row] = await this.#db.select().from(venueKey).where(eq(venueKey.accountId, accountId));
    return row;
  }

  async reseal(row: SealedKeys, before: Uint8Array): Promise<boolean> {
    const { accountId, keyId, nonce, ciphertext } = row;
    const written = await this.#db
      .update(venueKey)
      .set({ keyId, nonce, ciphertext })
      .where(and(eq(venueKey.accountId, accountId), eq(venueKey.nonce, before)))
      .returning({ accountId: venueKey.accountId });
    return written.length === 1;
  }

  async remove(userId: string, accountId: string): Promise<boolean> {
    const removed = await this.#db
      .delete(venueKey)
      .where(and(eq(venueKey.accountId, accountId), eq(venueKey.userId, userId)))
      .returning({ accountId: venueKey.accountId });
    return removed.length === 1;
  }

  async notUnder(keyId: string): Promise<string[]> {
    const rows = await this.#db
      .select({ accountId: venueKey.accountId })
      .from(venueKey)
      .where(ne(venueKey.keyId, keyId));
    return rows.map((row) => row.accountId);
  }
}
