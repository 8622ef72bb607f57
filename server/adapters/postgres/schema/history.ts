import { isNotNull } from 'drizzle-orm';
import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { BillRow } from '../../../ports/projections.ts';
import { byteText, decimal, epochMs } from './columns.ts';

/*
 * Rows for reading history, newest first by (ts, id). `body` is the entity as JSON text; the other columns are what
 * queries filter and sort by. Every index begins with the desk.
 */

const entityColumns = {
  deskId: byteText('desk_id').notNull(),
  id: byteText('id').notNull(),
  accountId: byteText('account_id').notNull(),
  botId: byteText('bot_id'),
  symbol: byteText('symbol').notNull(),
  ts: epochMs('ts').notNull(),
  body: text('body').notNull(),
};

/** Of entities whose `id` is ours: unique on the desk. */
function entityHistory<Name extends string>(name: Name) {
  return pgTable(name, entityColumns, (table) => [
    primaryKey({ columns: [table.deskId, table.id] }),
    index(`${name}_ts`).on(table.deskId, table.ts, table.id),
    index(`${name}_bot`).on(table.deskId, table.botId, table.ts, table.id).where(isNotNull(table.botId)),
  ]);
}

/** Latest state of each order; `ts` is its creation, so a page never shifts while orders change. */
export const orderHistory = entityHistory('order_history');

/** `ts` is when the round trip closed. */
export const tradeHistory = entityHistory('trade_history');

/** `id` is the venue's, unique per account. */
export const fillHistory = pgTable('fill_history', entityColumns, (table) => [
  primaryKey({ columns: [table.deskId, table.accountId, table.id] }),
  index('fill_history_ts').on(table.deskId, table.ts, table.id, table.accountId),
  index('fill_history_bot')
    .on(table.deskId, table.botId, table.ts, table.id, table.accountId)
    .where(isNotNull(table.botId)),
]);

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
    marketTs: epochMs('market_ts'),
    equity: decimal('equity').notNull(),
    balance: decimal('balance').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deskId, table.accountId, table.ts] }),
    index('equity_history_ts').on(table.deskId, table.ts, table.accountId),
  ],
);
