import { sql } from 'drizzle-orm';
import { foreignKey, index, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import type { DeviceRow, UserRow } from '../../../ports/identityStore.ts';
import { byteText, epochMs } from './columns.ts';

export const appUser = pgTable('app_user', {
  userId: byteText('user_id').primaryKey(),
  /** Lower-cased. */
  email: byteText('email').notNull().unique(),
  passwordHash: byteText('password_hash').notNull(),
  role: byteText('role').$type<UserRow['role']>().notNull(),
  status: byteText('status').$type<UserRow['status']>().notNull(),
  createdAt: epochMs('created_at').notNull(),
});

/** Device ids are made by clients: unique per user only. */
export const device = pgTable(
  'device',
  {
    userId: byteText('user_id')
      .notNull()
      .references(() => appUser.userId),
    deviceId: byteText('device_id').notNull(),
    name: byteText('name').notNull(),
    kind: byteText('kind').$type<DeviceRow['kind']>().notNull(),
    createdAt: epochMs('created_at').notNull(),
    lastSeenAt: epochMs('last_seen_at').notNull(),
    revokedAt: epochMs('revoked_at'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.deviceId] }),
    index('device_revoked').on(table.revokedAt).where(sql`${table.revokedAt} is not null`),
  ],
);

export const session = pgTable(
  'session',
  {
    sessionId: byteText('session_id').primaryKey(),
    userId: byteText('user_id').notNull(),
    deviceId: byteText('device_id').notNull(),
    tokenHash: byteText('token_hash').notNull(),
    previousHash: byteText('previous_hash'),
    rotatedAt: epochMs('rotated_at'),
    createdAt: epochMs('created_at').notNull(),
    expiresAt: epochMs('expires_at').notNull(),
    revokedAt: epochMs('revoked_at'),
  },
  (table) => [
    index('session_device').on(table.userId, table.deviceId),
    // Asked for each second, however many logins there are.
    index('session_revoked').on(table.revokedAt).where(sql`${table.revokedAt} is not null`),
    foreignKey({ columns: [table.userId, table.deviceId], foreignColumns: [device.userId, device.deviceId] }),
  ],
);
