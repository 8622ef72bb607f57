import { pgTable } from 'drizzle-orm/pg-core';
import { bytes, byteText, epochMs } from './columns.ts';

/** Keys of accounts at exchanges: nothing of them is in clear but the tail. */
export const venueKey = pgTable('venue_key', {
  accountId: byteText('account_id').primaryKey(),
  userId: byteText('user_id').notNull(),
  venue: byteText('venue').notNull(),
  /** Which encryption key it is sealed under. */
  keyId: byteText('key_id').notNull(),
  nonce: bytes('nonce').notNull(),
  ciphertext: bytes('ciphertext').notNull(),
  tail: byteText('tail').notNull(),
  setAt: epochMs('set_at').notNull(),
});
