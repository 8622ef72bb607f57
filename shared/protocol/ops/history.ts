import { z } from 'zod';
import { fillSchema, tradeSchema } from '../../domain/fill.ts';
import { orderSchema } from '../../domain/order.ts';
import { decimalOut, epochMs } from '../../domain/schemas.ts';
import { cursor, id, limit, op, page, symbol } from './define.ts';

const historyFilter = {
  accountId: id.optional(),
  botId: id.optional(),
  symbol: symbol.optional(),
  from: epochMs.optional(),
  to: epochMs.optional(),
  cursor,
  limit,
};

/** The past, by cursor. */
export const historyOps = {
  'history.orders': op(
    'read',
    'Closed and open orders, newest first.',
    z.strictObject(historyFilter),
    page(orderSchema),
  ),
  'history.fills': op('read', 'Fills, newest first.', z.strictObject(historyFilter), page(fillSchema)),
  'history.trades': op(
    'read',
    'Round trips, newest first.',
    z.strictObject(historyFilter),
    page(tradeSchema),
  ),
  'history.equity': op(
    'read',
    'Equity of accounts over time, newest first.',
    z.strictObject(historyFilter),
    page(z.object({ accountId: z.string(), ts: epochMs, equity: decimalOut, balance: decimalOut })),
  ),
  'history.bills': op(
    'read',
    'Every change of a balance, newest first.',
    z.strictObject(historyFilter),
    page(
      z.object({
        billId: z.string(),
        accountId: z.string(),
        symbol: z.string().nullable(),
        coin: z.string(),
        kind: z.enum(['realised', 'fee', 'funding', 'transfer', 'adjustment']),
        amount: decimalOut,
        ts: epochMs,
      }),
    ),
  ),
} as const;
