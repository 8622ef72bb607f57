import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import { byteText, epochMs } from './columns.ts';

/** One row: the identity of this log. A restore renews the epoch. */
export const deployment = pgTable('deployment', {
  id: smallint('id').primaryKey(),
  epoch: byteText('epoch').notNull(),
  restoredAt: epochMs('restored_at'),
});

/** Who may write the desks of a shard. `token` only ever grows; an append proves it inside its transaction. */
export const lease = pgTable('lease', {
  shard: integer('shard').primaryKey(),
  owner: byteText('owner').notNull(),
  token: bigint('token', { mode: 'bigint' }).notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
});

/** Head of each desk: the seq of its last event. Guards against gaps as the primary key of `event` against repeats. */
export const desk = pgTable(
  'desk',
  {
    deskId: byteText('desk_id').primaryKey(),
    shard: integer('shard').notNull(),
    head: bigint('head', { mode: 'number' }).notNull(),
    /** Whether anything of it has to be looked after; of those of an older server it is not known, so they are. */
    awake: boolean('awake').notNull().default(true),
  },
  (table) => [
    index('desk_shard').on(table.shard),
    index('desk_awake').on(table.shard, table.deskId).where(sql`${table.awake}`),
  ],
);

/** Whose each account is: of desks that are not in memory nothing else says it. */
export const account = pgTable(
  'account',
  {
    accountId: byteText('account_id').primaryKey(),
    deskId: byteText('desk_id').notNull(),
    name: text('name').notNull(),
    venue: byteText('venue').notNull(),
    book: byteText('book').notNull(),
  },
  (table) => [index('account_desk').on(table.deskId)],
);

export const event = pgTable(
  'event',
  {
    deskId: byteText('desk_id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    version: integer('version').notNull(),
    kind: byteText('kind').notNull(),
    ts: epochMs('ts').notNull(),
    /** JSON as text: it is read whole and never queried, and text is cheaper to write than jsonb. */
    body: text('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.deskId, table.seq] })],
);

/** The newest snapshot of each desk. */
export const snapshot = pgTable('snapshot', {
  deskId: byteText('desk_id').primaryKey(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  version: integer('version').notNull(),
  state: text('state').notNull(),
  view: text('view').notNull(),
});

export const commandResult = pgTable(
  'command_result',
  {
    userId: byteText('user_id').notNull(),
    commandId: byteText('command_id').notNull(),
    argsHash: byteText('args_hash').notNull(),
    reply: text('reply').notNull(),
    createdAt: epochMs('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.commandId] }),
    index('command_result_created').on(table.createdAt),
  ],
);
