import { isNotNull } from 'drizzle-orm';
import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { BillRow } from '../../../ports/projections.ts';
import { byteText, decimal, epochMs } from './columns.ts';

/*
 * Rows for reading history, newest first by (ts, id). `body` is the entity as JSON text; the other columns are what
 * queries filter and sort by. Every index begins with the desk.
 */

/** Latest state of each order; `ts` is its creation, so a page never shifts while orders change. */
export const orderHistory = pgTable(
  'order_history',
  {
    deskId: byteText('desk_id').notNull(),
    id: byteText('id').notNull(),
    accountId: byteText('account_id').notNull(),
    botId: byteText('bot_id'),
    symbol: byteText('symbol').notNull(),
    ts: epochMs('ts').notNull(),
    body: text('body').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deskId, table.id] }),
    index('order_history_ts').on(table.deskId, table.ts, table.id),
    index('order_history_bot')
      .on(table.deskId, table.botId, table.ts, table.id)
      .where(isNotNull(table.botId)),
  ],
);

/** `id` is the venue's, unique per account. */
export const fillHistory = pgTable(
  'fill_history',
  {
    deskId: byteText('desk_id').notNull(),
    accountId: byteText('account_id').notNull(),
    id: byteText('id').notNull(),
    botId: byteText('bot_id'),
    symbol: byteText('symbol').notNull(),
    ts: epochMs('ts').notNull(),
    body: text('body').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deskId, table.accountId, table.id] }),
    index('fill_history_ts').on(table.deskId, table.ts, table.id, table.accountId),
    index('fill_history_bot')
      .on(table.deskId, table.botId, table.ts, table.id, table.accountId)
      .where(isNotNull(table.botId)),
  ],
);

/** `ts` is when the round trip closed. */
export const tradeHistory = pgTable(
  'trade_history',
  {
    deskId: byteText('desk_id').notNull(),
    id: byteText('id').notNull(),
    accountId: byteText('account_id').notNull(),
    botId: byteText('bot_id'),
    symbol: byteText('symbol').notNull(),
    ts: epochMs('ts').notNull(),
    body: text('body').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deskId, table.id] }),
    index('trade_history_ts').on(table.deskId, table.ts, table.id),
    index('trade_history_bot')
      .on(table.deskId, table.botId, table.ts, table.id)
      .where(isNotNull(table.botId)),
  ],
);

/** Every change of a balance: the ledger, summable in SQL. */
export const billHistory = pgTable(
  'bill_history',
  {
    deskId: byteText('desk_id').notNull(),
    accountId: byteText('account_id').notNull(),
    id: byteText('id').notNull(),
    symbol: byteText('symbol'),
    coin: byteText('coin').notNull(),
    kind: byteText('kind').$type<BillRow['kind']>().notNull(),
    amount: decimal('amount').notNull(),
    ts: epochMs('ts').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deskId, table.accountId, table.id] }),
    index('bill_history_ts').on(table.deskId, table.ts, table.id, table.accountId),
  ],
);

export const equityHistory = pgTable(
  'equity_history',
  {
    deskId: byteText('desk_id').notNull(),
    accountId: byteText('account_id').notNull(),
    ts: epochMs('ts').notNull(),
    equity: decimal('equity').notNull(),
    balance: decimal('balance').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deskId, table.accountId, table.ts] }),
    index('equity_history_ts').on(table.deskId, table.ts, table.accountId),
  ],
);
